-- What wrk sends, and what it tells at the end: one line of JSON.
-- Arguments: "fixed" METHOD BODY | "mixed" DOMAINS SEED | "spread" DOMAINS SEED

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

unknown = 0 -- requests for domains that are not served; read by done(), so no local

local state

-- A number from 1 to limit, the same row of numbers for the same seed. (No bit is lost: LuaJIT counts to 2^53.)
local function pick(limit)
  state = (state * 1664525 + 1013904223) % 4294967296
  return math.floor(state / 4294967296 * limit) + 1
end

-- 95 % of the requests are for the first thousand domains, 3 % for any, 2 % for one that nobody has asked for.
local function mixed(domains)
  local share = pick(100)
  if share <= 95 then return "d" .. pick(math.min(domains, 1000)) end
  if share <= 98 then return "d" .. pick(domains) end
  unknown = unknown + 1
  return "unknown" .. pick(1000000000)
end

function init(args)
  if args[1] == "fixed" then
    wrk.method = args[2]
    if args[3] ~= "" then wrk.body = args[3] end
    return
  end
  local domains = tonumber(args[2])
  state = tonumber(args[3])
  local name = args[1] == "mixed" and mixed or function(limit) return "d" .. pick(limit) end
  request = function()
    local path = "/mail/config-v1.1.xml?emailaddress=user" .. pick(1000) .. "@" .. name(domains) .. ".bench.example"
    return wrk.format("GET", path)
  end
end

function done(summary, latency)
  local invented = 0
  for _, thread in ipairs(threads) do invented = invented + thread:get("unknown") end
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"unknown":%d,"above399":%d,"socketErrors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), invented, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
