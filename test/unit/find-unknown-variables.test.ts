import { describe, expect, test } from 'vitest';
import { findUnknownVariables } from '../../src/config/find-unknown-variables.ts';
import { variables } from '../../src/config/variables.ts';

describe('a variable that is none of ours', () => {
  test.each([
    ['UPSTREAM_TIMEOUT', 'did you mean UPSTREAM_TIMEOUT_MS?'],
    ['UPSTREAM_TIMEOUT_SECONDS', 'did you mean UPSTREAM_TIMEOUT_MS?'],
    ['UPSTEAM_TIMEOUT_MS', 'did you mean UPSTREAM_TIMEOUT_MS?'],
    ['SHUTDOWN_TIMEOUT', 'did you mean SHUTDOWN_TIMEOUT_MS?'],
    ['MAX_OPERATIONS_INFLIGHT', 'did you mean MAX_OPERATIONS_IN_FLIGHT?'],
    ['PERSISTED_QUERIES', 'did you mean PERSISTED_OPERATIONS?'],
    ['CORS_ORIGIN', 'did you mean CORS_ORIGINS?'],
    ['TRUSTED_PROXY', 'did you mean TRUSTED_PROXIES?'],
    ['REDIS_URI', 'did you mean REDIS_URL?'],
    ['FLEET_SECRETS', 'did you mean FLEET_SECRET?'],
    ['FLEET_REPLICAS', 'it has no effect'],
    ['LOGLEVEL', 'did you mean LOG_LEVEL?'],
    ['log_level', 'did you mean LOG_LEVEL?'],
    ['PROT', 'did you mean PORT?'],
    ['UPSTREAM_RETRIES', 'it has no effect'],
    ['MAX_QUERY_WIDTH', 'it has no effect'],
  ])('%s is warned of: %s', (name, warning) => {
    expect(findUnknownVariables({ [name]: 'value' })).toEqual([`unknown variable ${name}: ${warning}`]);
  });

  test.each([
    [
      'of a shell',
      'PATH HOME HOST HOSTNAME HOSTTYPE PWD SHELL SHLVL TERM LANG LC_ALL USER LOGNAME MAIL TZ _',
    ],
    [
      'of tools',
      'PORTAGE_TMPDIR EDITOR CI DEBUG NO_COLOR npm_config_cache INIT_CWD YARN_VERSION SSH_AUTH_SOCK',
    ],
    ['of Node', 'NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_VERSION'],
    [
      'of other services',
      'DB_HOST REDIS_PORT REDIS_HOST REDIS_PASSWORD REDIS_TLS LOG_FORMAT SERVER_PORT QBRAID_API_KEY OTEL_SERVICE_NAME',
    ],
    ['of proxies', 'http_proxy https_proxy no_proxy ALL_PROXY ftp_proxy'],
    ['of Kubernetes', 'KUBERNETES_PORT STORE_SERVICE_HOST STORE_SERVICE_PORT_HTTP STORE_PORT_80_TCP_ADDR'],
  ])('%s is not: %s', (_, names) => {
    const environment = Object.fromEntries(names.split(' ').map((name) => [name, 'value']));
    expect(findUnknownVariables(environment)).toEqual([]);
  });

  test('named by Kubernetes after a service is told by its value', () => {
    expect(findUnknownVariables({ STORE_PORT: 'tcp://10.0.0.1:80' })).toEqual([]);
  });
});

test('none of ours is warned of', () => {
  const names = Object.keys(variables.shape);
  expect(findUnknownVariables(Object.fromEntries(names.map((name) => [name, 'value'])))).toEqual([]);
});
