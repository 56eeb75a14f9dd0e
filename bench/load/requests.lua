-- Sends the requests of a workload in turn, each with a serial number of its own. Takes the name of a Lua file that returns
-- {run = "six digits", requests = {{"text before a slot", "text after it", ...}, ...}, pause = mean milliseconds or nil}.
local requests, run
local turn, serial = 0, 0

function init(arguments)
  local told = dofile(arguments[1])
  requests, run = told.requests, told.run
  if told.pause then
    -- A request is due after a random pause; wrk corrects its percentiles for those that could not be sent in time.
    math.randomseed(tonumber(run, 16))
    function delay()
      return math.random(0, 2 * told.pause)
    end
  end
end

function request()
  turn = turn % #requests + 1
  local parts = requests[turn]
  if #parts == 1 then
    return parts[1]
  end
  serial = serial + 1
  return table.concat(parts, string.format("%s%06x", run, serial))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\noutcome {"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"latency":{"50":%f,"90":%f,"99":%f,"99.9":%f}}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(90) / 1000,
    latency:percentile(99) / 1000, latency:percentile(99.9) / 1000
  ))
end
