import { BlockList, isIPv4 } from 'node:net';
import { parse } from 'yaml';
import type { Config } from '../../src/config/config.ts';
import type { Environment } from '../../src/config/environment.ts';
import {
  bytesOf,
  type Files,
  faultsOf,
  findUnknown,
  imageEnvironmentOf,
  memoryOf,
  tryConfig,
} from './deployment.ts';
import { findEffective, parseDockerfile } from './dockerfile.ts';

const COMPOSE = 'deploy/compose.yaml';
const NGINX = 'deploy/nginx/nginx.conf';

interface ComposeService {
  readonly build?: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string }>>;
  readonly deploy?: {
    readonly replicas?: number;
    readonly resources?: { readonly limits?: { readonly memory?: string } };
  };
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<
    Record<string, { readonly ipam?: { config: { subnet: string; ip_range: string }[] } }>
  >;
}

/** Says what would not work of what compose starts, or what it leaves open. */
export function findComposeFaults(files: Files): string[] {
  const compose: Compose = parse(files[COMPOSE] ?? '', { merge: true });
  const { gateway = {}, proxy = {}, redis = {} } = compose.services;
  const environment = { ...imageEnvironmentOf(files), ...withDefaults(gateway.environment) };
  const { config, faults } = tryConfig(environment);
  if (config === null) return faults;
  const { timeoutMs, delayMs } = config.shutdown;
  const names = Object.values(compose.services).flatMap(({ build, environment = {} }) =>
    build === undefined ? [] : Object.keys(environment),
  );
  const redisUrl = new URL(config.fleet?.redisUrl ?? 'redis://none');
  return [
    ...findUnknown(names),
    ...Object.entries(compose.services).flatMap(([name, service]) => findOpenDoors(name, service, files)),
    ...Object.values(compose.services).flatMap((service) => findMissingMounts(service, files)),
    ...findProxyFaults(compose, config, files),
    ...faultsOf([
      [(config.fleet?.size ?? 0) >= (gateway.deploy?.replicas ?? 1), 'FLEET_SIZE is less than the replicas'],
      [
        secondsOf(gateway.stop_grace_period ?? '10s') * 1000 > delayMs + timeoutMs,
        'a gateway is killed before it has ended',
      ],
      [
        bytesOf(gateway.deploy?.resources?.limits?.memory ?? '0') >= memoryOf(config),
        'a gateway has too little memory',
      ],
      [
        (files['deploy/redis/users.acl'] ?? '').includes(
          `user ${redisUrl.username} on >${redisUrl.password} `,
        ),
        'REDIS_URL has a user or a password that the server does not know',
      ],
      [compose.services[redisUrl.hostname] === redis, 'REDIS_URL names no service'],
      [
        redis.command?.join(' ').includes('--maxmemory-policy volatile-ttl') ?? false,
        'Redis drops what it must keep',
      ],
      [
        config.fleet?.secrets.every((secret) => secret.includes('development-only')) ?? false,
        'the secret looks like a real one',
      ],
      [config.qbraidApiUrl === sandboxUrlOf(compose), 'QBRAID_API_URL is not the sandbox'],
      [
        healthPortOf(compose.services['sandbox']) === sandboxPortOf(compose),
        'the sandbox is not asked how it is',
      ],
      [
        proxy.ports?.every((port) => port.startsWith('127.0.0.1:')) ?? false,
        'the proxy listens to the whole network',
      ],
    ]),
  ];
}

/** Says where the proxy would hold events back, refuse what the gateway takes, or hide or invent addresses. */
function findProxyFaults(compose: Compose, config: Config, files: Files): string[] {
  const conf = files[NGINX] ?? '';
  const { proxy = {} } = compose.services;
  const port = directive(conf, 'listen');
  const [upstream = '', upstreamPort] = (directive(conf, 'server') ?? '').split(' ')[0]?.split(':') ?? [];
  const own = Array.isArray(proxy.networks)
    ? undefined
    : Object.values(proxy.networks ?? {}).find(({ ipv4_address }) => ipv4_address)?.ipv4_address;
  const [network] = Object.values(compose.networks).flatMap(({ ipam }) => ipam?.config ?? []);
  const longestQuietMs = Math.max(config.streams.keepaliveMs, config.operation.timeoutMs);
  return faultsOf([
    [directive(conf, 'proxy_buffering') === 'off', 'nginx buffers event streams'],
    [directive(conf, 'gzip') === 'off', 'nginx compresses event streams, and so buffers them'],
    [directive(conf, 'proxy_http_version') === '1.1', 'nginx speaks HTTP/1.0 to the gateways'],
    [
      secondsOf(directive(conf, 'proxy_read_timeout') ?? '') * 1000 > longestQuietMs,
      'nginx cuts off what is only quiet',
    ],
    [
      bytesOf(directive(conf, 'client_max_body_size') ?? '') >= config.http.maxBodyBytes,
      'nginx refuses bodies that the gateway takes',
    ],
    [
      bytesOf(directive(conf, 'large_client_header_buffers')?.split(' ')[1] ?? '') >=
        config.http.maxHeadersBytes,
      'nginx refuses headers that the gateway takes',
    ],
    [
      /proxy_set_header X-Forwarded-For \$remote_addr;/.test(conf),
      'nginx believes what clients say of their address',
    ],
    [
      compose.services[upstream] === compose.services['gateway'],
      `nginx asks ${upstream}, which is no gateway`,
    ],
    [upstreamPort === String(config.port), `nginx asks port ${upstreamPort} of the gateways`],
    [
      proxy.ports?.every((ports) => ports.endsWith(`:${port}`)) ?? false,
      `nginx listens at ${port}, which is not published`,
    ],
    [proxy.healthcheck?.test.at(-1) === `http://127.0.0.1:${port}/ready`, 'nginx is not asked how it is'],
    [config.clients.trustedProxies.join() === own, 'TRUSTED_PROXIES is not the address of the proxy'],
    [own !== undefined && contains(network?.subnet, own), 'the proxy has an address of another network'],
    [own !== undefined && !contains(network?.ip_range, own), 'others may get the address of the proxy'],
  ]);
}

/** Says which of what a service can be denied it is not. */
function findOpenDoors(name: string, service: ComposeService, files: Files): string[] {
  const stages = parseDockerfile(files['Dockerfile'] ?? '');
  const user = service.user ?? (service.build && findEffective(stages, 'USER')?.value) ?? 'root';
  const isAsked = service.healthcheck !== undefined || service.build !== undefined;
  return faultsOf([
    [!/^(root|0)(:|$)/.test(user), `${name} runs as root`],
    [service.read_only === true, `${name} may write to its disk`],
    [service.cap_drop?.join() === 'ALL', `${name} has capabilities`],
    [service.security_opt?.includes('no-new-privileges:true') ?? false, `${name} may gain privileges`],
    [
      service.deploy?.resources?.limits?.memory !== undefined || name === 'proxy',
      `${name} may take all memory`,
    ],
    [isAsked, `${name} has no health check`],
  ]);
}

function findMissingMounts({ volumes = [] }: ComposeService, files: Files): string[] {
  return volumes
    .map((volume) => volume.split(':')[0] ?? '')
    .map((source) => new URL(source, `file:///${COMPOSE}`).pathname.slice(1))
    .filter((path) => !Object.hasOwn(files, path))
    .map((path) => `there is no ${path}`);
}

/** As compose reads `${NAME:-default}` where no variable is set. */
function withDefaults(environment: ComposeService['environment'] = {}): Environment {
  const fill = (text: string) => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
  return Object.fromEntries(Object.entries(environment).map(([name, text]) => [name, fill(text)]));
}

const sandboxPortOf = (compose: Compose) => compose.services['sandbox']?.environment?.['SANDBOX_PORT'];
const sandboxUrlOf = (compose: Compose) => `http://sandbox:${sandboxPortOf(compose)}/api/v1`;
const healthPortOf = (service?: ComposeService) =>
  /127\.0\.0\.1:(\d+)/.exec(service?.healthcheck?.test.join(' ') ?? '')?.[1];

/** The value of the first directive of this name in a configuration of nginx. */
function directive(conf: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name} ([^{;]+);`, 'm').exec(conf)?.[1];
}

const secondsOf = (text: string) => Number(/^(\d+)s$/.exec(text)?.[1]);

function contains(network: string | undefined, address: string): boolean {
  const [base = '', prefix] = network?.split('/') ?? [];
  const list = new BlockList();
  if (isIPv4(base)) list.addSubnet(base, Number(prefix), 'ipv4');
  return list.check(address, 'ipv4');
}
