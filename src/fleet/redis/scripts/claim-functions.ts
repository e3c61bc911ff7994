/**
 * Lua functions over the claims of a partition, a hash by span. A claim is six words: when it was asked, until when it lasts, its
 * request, the last retry, when it failed, and with which error. They need `SCRIPT_HEAD`.
 */
export const CLAIM_FUNCTIONS = `
-- How long a claim lasts unless it is renewed, and how long a failure is told to those who waited for it.
local claimMs = 3000

local function parseClaim(value)
  local asked, untilMs, request, retry, failed, failure = value:match('^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$')
  return {
    asked = tonumber(asked),
    untilMs = tonumber(untilMs),
    request = request,
    retry = retry,
    failed = failed ~= '.' and tonumber(failed) or nil,
    failure = failure,
  }
end

-- The claim at a span, unless it has ended or failed.
local function claimAt(key, span)
  local value = callOn('HGET', key, span)
  local claim = value and parseClaim(value)
  if claim and claim.untilMs > now and not claim.failed then return claim end
  return nil
end

local function writeClaim(key, span, claim)
  local failed = claim.failed and text(claim.failed) or '.'
  local words = { text(claim.asked), text(claim.untilMs), claim.request, claim.retry, failed, claim.failure }
  redis.call('HSET', key, span, table.concat(words, ' '))
  redis.call('PEXPIRE', key, 60000)
end

-- Drops the claim at a span if a request is its own. Returns it.
local function dropClaim(key, span, request)
  local claim = claimAt(key, span)
  if not claim or (claim.request ~= request and claim.retry ~= request) then return nil end
  redis.call('HDEL', key, span)
  return claim
end
`;
