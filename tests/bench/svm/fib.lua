-- fib(10) as one writes it in Lua: fib.lua RUNS prints the sum of the results and the
-- processor's seconds for them, warm.
local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end

local runs = tonumber(arg[1])
local sum = 0
for _ = 1, 200 do sum = sum + fib(10) end
sum = 0
local begin = os.clock()
for _ = 1, runs do sum = sum + fib(10) end
print(string.format("%d %.6f", sum, os.clock() - begin))
