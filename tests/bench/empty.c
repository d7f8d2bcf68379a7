// The shortest program: what any other costs at least.
int main(void)
{
    return 0;
}
