import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { variables } from '../../src/config/variables.ts';
import type { Files } from '../support/deployment.ts';
import { findComposeFaults } from '../support/find-compose-faults.ts';
import { findKubernetesFaults } from '../support/find-kubernetes-faults.ts';
import { findManifestFaults, type Manifest } from '../support/find-manifest-faults.ts';

const COMPOSE = 'deploy/compose.yaml';
const NGINX = 'deploy/nginx/nginx.conf';
const KUBERNETES = 'deploy/kubernetes';

interface LintMessage {
  readonly rule: string;
  readonly type: string;
  readonly message: string;
}

const root = new URL('../../', import.meta.url);
const list = (folder: string) =>
  readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.pathname.length));
const paths = ['Dockerfile', 'package.json', ...list('deploy')];
const files: Files = Object.fromEntries(
  paths.map((path) => [path, readFileSync(new URL(path, root), 'utf8')]),
);

/** The files with one part of one of them replaced, which must be there. */
function mutate(path: string, from: string, to: string): Files {
  const text = files[path] ?? '';
  if (!text.includes(from)) throw new Error(`${path} does not say ${from}`);
  return { ...files, [path]: text.replace(from, to) };
}

describe('what compose starts', () => {
  test('is complete, locked, drained and told the right things', () => {
    expect(findComposeFaults(files)).toEqual([]);
  });

  test.each([
    [
      'FLEET_SIZE:',
      'FLEET_SIZES:',
      'FLEET_SIZE: must be set where REDIS_URL is: the largest number of replicas, such as 3, got nothing',
    ],
    ['SANDBOX_PORT: "4001"', 'SANDBOX_PORT: "4001"\n      MAX_DEPHT: "1"', 'there is no variable MAX_DEPHT'],
    ['FLEET_SIZE: "3"', 'FLEET_SIZE: "2"', 'FLEET_SIZE is less than the replicas'],
    ['stop_grace_period: 20s', 'stop_grace_period: 10s', 'a gateway is killed before it has ended'],
    ['memory: 512M', 'memory: 256M', 'a gateway has too little memory'],
    ['replace-this-password', 'secret', 'REDIS_URL has a user or a password that the server does not know'],
    ['@redis:6379', '@valkey:6379', 'REDIS_URL names no service'],
    ['volatile-ttl', 'noeviction', 'Redis drops what it must keep'],
    [
      'for-development-only-make-your-own-secret',
      'e5b8f7a4c3d2e1f0e5b8f7a4c3d2e1f0',
      'the secret looks like a real one',
    ],
    ['http://sandbox:4001/api/v1', 'https://api-v2.qbraid.com/api/v1', 'QBRAID_API_URL is not the sandbox'],
    ['"127.0.0.1:4000:8080"', '"4000:8080"', 'the proxy listens to the whole network'],
    ['"127.0.0.1:4000:8080"', '"127.0.0.1:4000:80"', 'nginx listens at 8080, which is not published'],
    ['http://127.0.0.1:8080/ready', 'http://127.0.0.1/ready', 'nginx is not asked how it is'],
    [
      'TRUSTED_PROXIES: 10.89.74.2',
      'TRUSTED_PROXIES: 10.89.74.0/24',
      'TRUSTED_PROXIES is not the address of the proxy',
    ],
    ['subnet: 10.89.74.0/24', 'subnet: 10.89.75.0/24', 'the proxy has an address of another network'],
    ['ip_range: 10.89.74.128/25', 'ip_range: 10.89.74.0/25', 'others may get the address of the proxy'],
    ['    user: "999:1000"\n', '', 'redis runs as root'],
    ['http://127.0.0.1:4001', 'http://127.0.0.1:4000', 'the sandbox is not asked how it is'],
    ['./nginx/nginx.conf', './nginx/default.conf', 'there is no deploy/nginx/default.conf'],
  ])('is faulted for %j as %j', (from, to, fault) => {
    expect(findComposeFaults(mutate(COMPOSE, from, to))).toContain(fault);
  });

  test.each([
    ['read_only: true', 'may write to its disk'],
    ['cap_drop: [ALL]', 'has capabilities'],
    ['security_opt: ["no-new-privileges:true"]', 'may gain privileges'],
  ])('is faulted without %s, for each service', (line, fault) => {
    expect(findComposeFaults(mutate(COMPOSE, `  ${line}\n`, ''))).toEqual(
      ['proxy', 'gateway', 'redis', 'sandbox'].map((name) => `${name} ${fault}`),
    );
  });

  test.each([
    ['proxy_buffering off', 'proxy_buffering on', 'nginx buffers event streams'],
    ['gzip off', 'gzip on', 'nginx compresses event streams, and so buffers them'],
    ['proxy_http_version 1.1', 'proxy_http_version 1.0', 'nginx speaks HTTP/1.0 to the gateways'],
    ['proxy_read_timeout 60s', 'proxy_read_timeout 30s', 'nginx cuts off what is only quiet'],
    ['client_max_body_size 256k', 'client_max_body_size 128k', 'nginx refuses bodies that the gateway takes'],
    [
      'large_client_header_buffers 4 16k',
      'large_client_header_buffers 4 8k',
      'nginx refuses headers that the gateway takes',
    ],
    ['$remote_addr', '$proxy_add_x_forwarded_for', 'nginx believes what clients say of their address'],
    ['server gateway:4000', 'server gateways:4000', 'nginx asks gateways, which is no gateway'],
    ['server gateway:4000', 'server gateway:80', 'nginx asks port 80 of the gateways'],
    ['listen 8080', 'listen 80', 'nginx listens at 80, which is not published'],
  ])('is faulted where nginx has %j as %j', (from, to, fault) => {
    expect(findComposeFaults(mutate(NGINX, from, to))).toContain(fault);
  });
});

describe('the compose file', () => {
  const lint = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'compose-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'compose.yaml');
    writeFileSync(path, text);
    const results: { messages: LintMessage[] }[] = new DCLinter({
      rules: {},
      quiet: true,
      debug: false,
      exclude: [],
    }).lintFiles([path], false);
    return results
      .flatMap(({ messages }) => messages)
      .filter(({ type }) => type === 'error')
      .map(({ rule, message }) => `${rule}: ${message}`);
  };

  test('fits to the specification, and has none of the usual faults', () => {
    expect(lint(files[COMPOSE] ?? '')).toEqual([]);
  });

  test.each([
    ['stop_grace_period', 'stop_grace_time', 'invalid-schema'],
    ['condition: service_healthy', 'condition: healthy', 'invalid-schema'],
    ['"127.0.0.1:4000:8080"', '"4000:8080"', 'no-unbound-port-interfaces'],
    ['nginx:1.28-alpine', 'nginx', 'service-image-require-explicit-tag'],
  ])('is faulted for %j as %j', (from, to, rule) => {
    expect(lint(mutate(COMPOSE, from, to)[COMPOSE] ?? '').join()).toContain(rule);
  });
});

describe('what Kubernetes is given', () => {
  const { 'kustomization.yaml': _, ...manifests } = Object.fromEntries(
    Object.entries(files)
      .filter(([path]) => path.startsWith(KUBERNETES) && path.endsWith('.yaml'))
      .map(([path, text]): [string, Manifest] => [path.slice(KUBERNETES.length + 1), parse(text)]),
  );

  test('has the fields of its kinds', () => {
    expect(findManifestFaults(manifests)).toEqual([]);
  });

  test('is faulted for fields that no kind has, that are missing, or that are of another type', () => {
    const mutant = (name: string, from: string, to: string): Manifest => {
      const path = `${KUBERNETES}/${name}`;
      return parse(mutate(path, from, to)[path] ?? '', { uniqueKeys: false });
    };
    const mutants = {
      a: mutant('deployment.yaml', 'readinessProbe', 'readynessProbe'),
      b: mutant('service.yaml', 'port: 80', "port: '80'"),
      c: mutant('horizontal-pod-autoscaler.yaml', 'maxReplicas: 6', 'minReplicas: 6'),
    };
    expect(findManifestFaults({ ...manifests, ...mutants })).toEqual([
      expect.stringMatching(/^a: .*'"readynessProbe"'/),
      expect.stringMatching(/^b: Type 'string' is not assignable to type 'number'/),
      expect.stringMatching(/^c: Property 'maxReplicas' is missing/),
    ]);
  });

  test('is complete, locked, drained and told the right things', () => {
    expect(findKubernetesFaults(files)).toEqual([]);
  });

  test.each([
    ['gateway.env', 'METRICS_PORT', 'METRIC_PORT', 'there is no variable METRIC_PORT'],
    [
      'gateway.env',
      'FLEET_SIZE=8',
      '',
      'FLEET_SIZE: must be set where REDIS_URL is: the largest number of replicas, such as 3, got nothing',
    ],
    [
      'gateway.env',
      'FLEET_SIZE=8',
      'FLEET_SIZE=7',
      'FLEET_SIZE is less than the 8 pods that may run at once',
    ],
    [
      'gateway.env',
      'SHUTDOWN_TIMEOUT_MS=20000',
      'SHUTDOWN_TIMEOUT_MS=30000',
      'a pod is killed before it has ended',
    ],
    [
      'gateway.env',
      'SHUTDOWN_DELAY_MS=10000',
      'SHUTDOWN_DELAY_MS=4000',
      'a pod ends before anybody sees that it is not ready',
    ],
    ['gateway.env', 'METRICS_PORT=9464', 'METRICS_PORT=9465', 'the port metrics is not 9465'],
    [
      'horizontal-pod-autoscaler.yaml',
      'maxReplicas: 6',
      'maxReplicas: 7',
      'FLEET_SIZE is less than the 9 pods that may run at once',
    ],
    ['horizontal-pod-autoscaler.yaml', 'minReplicas: 3', 'minReplicas: 1', 'all pods may be evicted at once'],
    [
      'horizontal-pod-autoscaler.yaml',
      'name: qbraid-graphql-gateway\n  minReplicas',
      'name: gateway\n  minReplicas',
      'the autoscaler scales something else',
    ],
    [
      'deployment.yaml',
      'name: REDIS_URL',
      'name: REDIS_URI',
      'REDIS_URL: must be set where FLEET_SECRET is: the address of the Redis server that the replicas share, such as rediss://redis.example.com:6379, got nothing',
    ],
    [
      'deployment.yaml',
      'maxSurge: 1',
      'maxSurge: 2',
      'FLEET_SIZE is less than the 10 pods that may run at once',
    ],
    [
      'deployment.yaml',
      'terminationGracePeriodSeconds: 40',
      'terminationGracePeriodSeconds: 30',
      'a pod is killed before it has ended',
    ],
    [
      'deployment.yaml',
      'minReadySeconds: 45',
      'minReadySeconds: 40',
      'an update starts pods faster than others end',
    ],
    ['deployment.yaml', 'containerPort: 4000', 'containerPort: 8080', 'the port http is not 4000'],
    ['deployment.yaml', 'path: /ready', 'path: /health', 'the readiness probe does not ask /ready'],
    [
      'deployment.yaml',
      'path: /health, port: http }\n            periodSeconds: 10',
      'path: /ready, port: http }\n            periodSeconds: 10',
      'the liveness probe does not ask /health',
    ],
    ['deployment.yaml', 'memory: 512Mi', 'memory: 384Mi', 'a pod has too little memory'],
    ['deployment.yaml', 'runAsNonRoot: true', 'runAsNonRoot: false', 'pods may run as root'],
    ['deployment.yaml', 'type: RuntimeDefault', 'type: Unconfined', 'pods may use all system calls'],
    ['deployment.yaml', 'allowPrivilegeEscalation: false', 'privileged: false', 'pods may gain privileges'],
    [
      'deployment.yaml',
      'readOnlyRootFilesystem: true',
      'readOnlyRootFilesystem: false',
      'pods may write to their disk',
    ],
    ['deployment.yaml', 'drop: [ALL]', 'drop: [NET_RAW]', 'pods have capabilities'],
    [
      'deployment.yaml',
      'automountServiceAccountToken: false',
      'hostIPC: false',
      'pods have a token of the cluster',
    ],
    [
      'deployment.yaml',
      'enableServiceLinks: false',
      'enableServiceLinks: true',
      'the cluster sets variables of its own',
    ],
    [
      'deployment.yaml',
      'minReadySeconds',
      'replicas: 3\n  minReadySeconds',
      'the replicas are set beside the autoscaler',
    ],
    [
      'deployment.yaml',
      'prometheus.io/port: "9464"',
      'prometheus.io/port: "4000"',
      'Prometheus is told of another port',
    ],
    ['deployment.yaml', 'kubernetes.io/hostname', 'example.com/rack', 'all pods may run on one machine'],
    [
      'deployment.yaml',
      'configMapRef:\n                name: qbraid-graphql-gateway',
      'configMapRef:\n                name: gateway',
      'the settings are those of another config map',
    ],
    ['deployment.yaml', 'image: qbraid-graphql-gateway', 'image: gateway', 'the image has no tag'],
    ['service.yaml', 'targetPort: http', 'targetPort: web', 'the service is not for the port http'],
    [
      'service.yaml',
      'app.kubernetes.io/name: qbraid-graphql-gateway',
      'app: gateway',
      'the selector of the service is not what pods are labelled with',
    ],
    [
      'pod-disruption-budget.yaml',
      'app.kubernetes.io/name: qbraid-graphql-gateway',
      'app: gateway',
      'the selector of the disruption budget is not what pods are labelled with',
    ],
    [
      'network-policy.yaml',
      'port: metrics',
      'port: prometheus',
      'the network policy opens a port that is none',
    ],
    [
      'kustomization.yaml',
      '  - service.yaml\n',
      '',
      'deploy/kubernetes/service.yaml is not in the kustomization',
    ],
    [
      'kustomization.yaml',
      '  - service.yaml\n',
      '  - service.yaml\n  - ingress.yaml\n',
      'there is no deploy/kubernetes/ingress.yaml',
    ],
    ['kustomization.yaml', 'newTag: 1.0.0', 'newTag: 0.0.9', 'the image is of another version'],
  ])('is faulted where %s has %j as %j', (name, from, to, fault) => {
    expect(findKubernetesFaults(mutate(`${KUBERNETES}/${name}`, from, to))).toContain(fault);
  });
});

describe('docs/deploying.md', () => {
  const text = readFileSync(new URL('docs/deploying.md', root), 'utf8');

  test('names only variables that there are', () => {
    const named = [...text.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name);
    const others = ['NODE_EXTRA_CA_CERTS'];
    expect(named.filter((name) => !Object.hasOwn(variables.shape, name) && !others.includes(name))).toEqual(
      [],
    );
  });

  test('links to files that there are, and to its own sections', () => {
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(
      ([, heading = '']) => `#${heading.toLowerCase().replaceAll(' ', '-')}`,
    );
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    const isThere = (link: string) =>
      link.startsWith('#')
        ? headings.includes(link)
        : existsSync(new URL(link.replace(/#.*/, ''), new URL('docs/', root)));
    expect(links.filter((link) => !isThere(link))).toEqual([]);
  });

  test('counts as the settings do', () => {
    const size = Number(/FLEET_SIZE=(\d+)/.exec(files[`${KUBERNETES}/gateway.env`] ?? '')?.[1]);
    const most = /maxReplicas: (\d+)/.exec(files[`${KUBERNETES}/horizontal-pod-autoscaler.yaml`] ?? '')?.[1];
    const sentence =
      /autoscaler starts \((\d+)\), .* one that ends: (\d+)\..* With (\d+), that is (\d+) requests/s;
    const told = sentence.exec(text.replaceAll(/\s+/g, ' '))?.slice(1).map(Number);
    expect(told).toEqual([Number(most), size, size, Math.floor(100 / size)]);
  });
});
