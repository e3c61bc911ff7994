/**
 * What all scripts begin with: the server's clock, in milliseconds and as logical time, how numbers become texts (Lua would write
 * large ones with an exponent), and the first command on a key, in whose place something else may stand that no script has written.
 */
export const SCRIPT_HEAD = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local clockSeq = tonumber(time[1]) * 1024000 + math.floor(tonumber(time[2]) * 1024 / 1000)

local function text(number)
  return string.format('%.0f', number)
end

-- Runs a command on a key, and removes what stands there of another type: else the API key could not be used any more.
local function callOn(command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if not reply.err:find('^WRONGTYPE') then error(reply) end
  redis.call('DEL', key)
  return redis.call(command, key, ...)
end
`;
