/**
 * What all scripts begin with: the server's clock, in milliseconds and as logical time, and how numbers become texts. Lua would
 * write large numbers with an exponent.
 */
export const SCRIPT_HEAD = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local clockSeq = tonumber(time[1]) * 1024000 + math.floor(tonumber(time[2]) * 1024 / 1000)

local function text(number)
  return string.format('%.0f', number)
end
`;
