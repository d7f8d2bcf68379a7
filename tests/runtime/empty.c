// The cheapest program there is: what starting lc3run is measured against.
int main(void)
{
    return 0;
}
