-- What wrk asks for. Arguments: mode, prefix of paths, Authorization, seed, file of lines.
--
--   get      a line is a path below the prefix; asked for at random
--   create   a line is the body of a new ticket; sent at random to <prefix>/tickets/
--   update   a line is "number status": a reply, each time with a status the ticket does not have
--
-- Prints one JSON object at the end.

local mode, prefix, headers
local lines, current = {}, {}
local STATUSES = 6
local REPLY = 'Hello,\\n\\nthank you for writing. Please bring the bicycle in on Thursday before noon; we shall look at '
    .. 'the hub while you wait. If parts are needed we call you before ordering them.\\n\\nYour workshop'

function init(arguments)
    mode, prefix = arguments[1], arguments[2]
    headers = { ["Authorization"] = arguments[3], ["Content-Type"] = "application/json" }
    math.randomseed(tonumber(arguments[4]))
    for line in io.lines(arguments[5]) do
        if mode == "update" then
            local number, status = line:match("(%d+) (%d+)")
            lines[#lines + 1] = number
            current[number] = tonumber(status)
        else
            lines[#lines + 1] = line
        end
    end
end

function request()
    local line = lines[math.random(#lines)]
    if mode == "get" then
        return wrk.format("GET", prefix .. line, headers)
    elseif mode == "create" then
        return wrk.format("POST", prefix .. "/tickets/", headers, line)
    elseif mode == "floor" then
        return wrk.format("POST", prefix, headers, line)
    end
    local status = current[line] % STATUSES + 1
    current[line] = status
    local body = string.format('{"staff": %d, "text": "%s", "status": %d}', math.random(20), REPLY, status)
    return wrk.format("POST", prefix .. "/ticket/" .. line .. "/staff_update/", headers, body)
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "seconds": %.6f, "bytes": %d, "p50": %.3f, "p99": %.3f, "max": %.3f, "errors": %d}\n',
        summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3, latency.max / 1e3,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
