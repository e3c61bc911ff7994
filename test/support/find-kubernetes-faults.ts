import { parseEnv } from 'node:util';
import type { DeploymentSpec, Deployment as Workload } from 'kubernetes-types/apps/v1.d.ts';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.d.ts';
import type { Container, Probe, Service } from 'kubernetes-types/core/v1.d.ts';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import { parse } from 'yaml';
import type { Config } from '../../src/config/config.ts';
import {
  bytesOf,
  type Files,
  faultsOf,
  findUnknown,
  imageEnvironmentOf,
  memoryOf,
  tryConfig,
} from './deployment.ts';

const KUBERNETES = 'deploy/kubernetes';

interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly { readonly name: string; readonly envs: readonly string[] }[];
  readonly images: readonly { readonly name: string; readonly newTag: string }[];
}

/** Says what would not work in Kubernetes, and what is left open there. */
export function findKubernetesFaults(files: Files): string[] {
  const kustomization: Kustomization = parse(files[`${KUBERNETES}/kustomization.yaml`] ?? '');
  const manifest = (name: string) => parse(files[`${KUBERNETES}/${name}.yaml`] ?? '');
  const workload: Workload = manifest('deployment');
  const spec = workload.spec;
  const container = spec?.template.spec?.containers[0];
  if (spec === undefined || container === undefined) return ['the deployment has no container'];
  const [map] = kustomization.configMapGenerator;
  const settings = parseEnv(files[`${KUBERNETES}/${map?.envs[0]}`] ?? '');
  const named = container.env ?? [];
  // What the secret holds, only to see that the settings are whole.
  const secret = { REDIS_URL: 'redis://redis', FLEET_SECRET: 'x'.repeat(32) };
  const secrets = named.map(({ name, valueFrom }) => [name, valueFrom?.secretKeyRef && Object(secret)[name]]);
  const { config, faults } = tryConfig({
    ...imageEnvironmentOf(files),
    ...settings,
    ...Object.fromEntries(secrets),
  });
  if (config === null) return faults;
  return [
    ...findUnknown([...Object.keys(settings), ...named.map(({ name }) => name)]),
    ...findUnlisted(kustomization, files),
    ...findDrainFaults(spec, config),
    ...findFleetFaults(
      spec,
      config,
      manifest('horizontal-pod-autoscaler'),
      manifest('pod-disruption-budget'),
    ),
    ...findPortFaults(container, config, manifest('service'), manifest('network-policy'), spec),
    ...findSelectorFaults(
      workload,
      manifest('service'),
      manifest('network-policy'),
      manifest('pod-disruption-budget'),
    ),
    ...findPrivileges(spec, container),
    ...faultsOf([
      [
        container.envFrom?.[0]?.configMapRef?.name === map?.name,
        'the settings are those of another config map',
      ],
      [kustomization.images[0]?.name === container.image, 'the image has no tag'],
      [
        kustomization.images[0]?.newTag === JSON.parse(files['package.json'] ?? '{}').version,
        'the image is of another version',
      ],
      [
        bytesOf(String(container.resources?.limits?.['memory'] ?? '0')) >= memoryOf(config),
        'a pod has too little memory',
      ],
      [
        manifest('horizontal-pod-autoscaler').spec.scaleTargetRef.name === workload.metadata?.name,
        'the autoscaler scales something else',
      ],
      [spec.replicas === undefined, 'the replicas are set beside the autoscaler'],
    ]),
  ];
}

function findUnlisted(kustomization: Kustomization, files: Files): string[] {
  const listed = [
    'kustomization.yaml',
    ...kustomization.resources,
    ...kustomization.configMapGenerator.flatMap(({ envs }) => envs),
  ].map((name) => `${KUBERNETES}/${name}`);
  const existing = Object.keys(files).filter((path) => path.startsWith(`${KUBERNETES}/`));
  return [
    ...existing.filter((path) => !listed.includes(path)).map((path) => `${path} is not in the kustomization`),
    ...listed.filter((path) => !existing.includes(path)).map((path) => `there is no ${path}`),
  ];
}

/** Says where a pod is killed, or replaced, before it has answered all. */
function findDrainFaults({ template, minReadySeconds = 0 }: DeploymentSpec, { shutdown }: Config): string[] {
  const graceMs = (template.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  const { readinessProbe: { periodSeconds = 10, failureThreshold = 3 } = {} } =
    template.spec?.containers[0] ?? {};
  return faultsOf([
    [graceMs > shutdown.delayMs + shutdown.timeoutMs, 'a pod is killed before it has ended'],
    [
      shutdown.delayMs > periodSeconds * failureThreshold * 1000,
      'a pod ends before anybody sees that it is not ready',
    ],
    [minReadySeconds * 1000 > graceMs, 'an update starts pods faster than others end'],
  ]);
}

/** Says where more pods may run at once than FLEET_SIZE says, or fewer than are needed. */
function findFleetFaults(
  { strategy }: DeploymentSpec,
  { fleet }: Config,
  { spec: scale }: HorizontalPodAutoscaler,
  { spec: budget }: PodDisruptionBudget,
): string[] {
  const surge = Number(strategy?.rollingUpdate?.maxSurge);
  const least = scale?.minReplicas ?? 1;
  // During an update, as many as are added also end: see `minReadySeconds`.
  const most = (scale?.maxReplicas ?? Infinity) + 2 * surge;
  return faultsOf([
    [(fleet?.size ?? 0) >= most, `FLEET_SIZE is less than the ${most} pods that may run at once`],
    [least > Number(budget?.maxUnavailable), 'all pods may be evicted at once'],
  ]);
}

function findPortFaults(
  container: Container,
  { port, metricsPort }: Config,
  service: Service,
  policy: NetworkPolicy,
  { template }: DeploymentSpec,
): string[] {
  const ports = Object.fromEntries(
    (container.ports ?? []).map(({ name, containerPort }) => [name, containerPort]),
  );
  const asked = (probe?: Probe) => `${probe?.httpGet?.port}${probe?.httpGet?.path}`;
  const opened = policy.spec?.ingress?.flatMap(({ ports = [] }) => ports.map(({ port }) => port)) ?? [];
  return faultsOf([
    [ports['http'] === port, `the port http is not ${port}`],
    [ports['metrics'] === metricsPort, `the port metrics is not ${metricsPort}`],
    [
      template.metadata?.annotations?.['prometheus.io/port'] === String(metricsPort),
      'Prometheus is told of another port',
    ],
    [asked(container.startupProbe) === 'http/health', 'the startup probe does not ask /health'],
    [asked(container.livenessProbe) === 'http/health', 'the liveness probe does not ask /health'],
    [asked(container.readinessProbe) === 'http/ready', 'the readiness probe does not ask /ready'],
    [service.spec?.ports?.[0]?.targetPort === 'http', 'the service is not for the port http'],
    [
      opened.length > 0 && opened.every((name) => Object.hasOwn(ports, String(name))),
      'the network policy opens a port that is none',
    ],
  ]);
}

function findSelectorFaults(
  { spec, metadata }: Workload,
  service: Service,
  policy: NetworkPolicy,
  budget: PodDisruptionBudget,
): string[] {
  const labels = JSON.stringify(spec?.template.metadata?.labels);
  const selectors: [who: string, selector: unknown][] = [
    ['deployment', spec?.selector.matchLabels],
    ['service', service.spec?.selector],
    ['network policy', policy.spec?.podSelector.matchLabels],
    ['disruption budget', budget.spec?.selector?.matchLabels],
    ...(spec?.template.spec?.topologySpreadConstraints ?? []).map(
      ({ topologyKey, labelSelector }): [string, unknown] => [topologyKey, labelSelector?.matchLabels],
    ),
  ];
  return [
    ...selectors
      .filter(([, selector]) => JSON.stringify(selector) !== labels)
      .map(([who]) => `the selector of the ${who} is not what pods are labelled with`),
    ...faultsOf([
      [selectors.some(([who]) => who === 'kubernetes.io/hostname'), 'all pods may run on one machine'],
      [service.metadata?.name === metadata?.name, 'the service has another name'],
    ]),
  ];
}

/** The profile `restricted` of the standards of Kubernetes for pods, and a disk that is only read. */
function findPrivileges({ template }: DeploymentSpec, { securityContext: own }: Container): string[] {
  const pod = template.spec;
  return faultsOf([
    [pod?.securityContext?.runAsNonRoot === true, 'pods may run as root'],
    [pod?.securityContext?.seccompProfile?.type === 'RuntimeDefault', 'pods may use all system calls'],
    [own?.allowPrivilegeEscalation === false, 'pods may gain privileges'],
    [own?.readOnlyRootFilesystem === true, 'pods may write to their disk'],
    [own?.capabilities?.drop?.join() === 'ALL', 'pods have capabilities'],
    [pod?.automountServiceAccountToken === false, 'pods have a token of the cluster'],
    [pod?.enableServiceLinks === false, 'the cluster sets variables of its own'],
  ]);
}
