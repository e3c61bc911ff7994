import { posix } from 'node:path';

const workdir = '/app';

/** One instruction of a Dockerfile, with its flags (`--from=build`) apart from its value. */
export interface Instruction {
  readonly keyword: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly value: string;
}

/** A `FROM` and the instructions that follow it. */
export interface Stage {
  readonly name: string | undefined;
  /** An image, or the name of an earlier stage. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** What a Dockerfile is checked against. */
export interface ImageProject {
  readonly dockerfile: string;
  readonly dockerignore: string;
  /** The range of Node versions in package.json. */
  readonly engines: string;
  /** What its labels say, by the part of their names after `org.opencontainers.image.`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where `npm run build` puts the program. */
  readonly outDir: string;
  readonly exists: (path: string) => boolean;
}

/** Says why an image would not build from a clean checkout, or would not run as it should. */
export function findImageFaults(project: ImageProject): string[] {
  const stages = parseDockerfile(project.dockerfile);
  return [
    ...findBaseFaults(stages, project.engines),
    ...stages.flatMap((_stage, index) => findCopyFaults(stages.slice(0, index + 1), project)),
    ...findRuntimeFaults(stages, project.outDir),
    ...findLabelFaults(stages, project.labels),
  ];
}

/** Reads the subset of the Dockerfile syntax without here-documents and parser directives. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const line of lines.split('\n').filter((line) => line.trim() !== '')) {
    const {
      keyword = '',
      flags = '',
      value = '',
    } = /^(?<keyword>\w+)\s+(?<flags>(?:--\S+\s+)*)(?<value>.*)$/.exec(line)?.groups ?? {};
    if (keyword === 'FROM') {
      const [base = '', , name] = value.split(/\s+/);
      stages.push({ name, base, instructions: [] });
    } else {
      const pairs = [...flags.matchAll(/--([\w-]+)=(\S+)/g)].map(([, flag, setting]) => [flag, setting]);
      stages.at(-1)?.instructions.push({ keyword, flags: Object.fromEntries(pairs), value });
    }
  }
  return stages;
}

/**
 * Whether a path enters the build context under a .dockerignore: the last pattern that matches the path, or a folder
 * above it, decides.
 */
export function isInContext(dockerignore: string, path: string): boolean {
  const rules = dockerignore.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const last = rules.findLast((rule) => toPattern(rule.replace(/^!/, '')).test(path));
  return last === undefined || last.startsWith('!');
}

/** The instruction with this keyword that holds at run time: the last one of the last stage. */
export function findEffective(stages: readonly Stage[], keyword: string): Instruction | undefined {
  return stages.at(-1)?.instructions.findLast((instruction) => instruction.keyword === keyword);
}

/** The words of an exec-form value (`["node", "main.js"]`), or none if it is not in exec form. */
export function readExecForm(value: string): string[] {
  const start = value.indexOf('[');
  return start === -1 ? [] : JSON.parse(value.slice(start));
}

function findBaseFaults(stages: readonly Stage[], engines: string): string[] {
  return stages
    .filter(({ base }) => !stages.some(({ name }) => name === base))
    .filter(({ base }) => {
      const [, major, minor] = /^node:(\d+)(?:\.(\d+))?/.exec(base) ?? [];
      return major === undefined || !isSupported(engines, Number(major), Number(minor ?? Infinity));
    })
    .map(({ base }) => `${base} has no Node in ${engines}`);
}

/** Reads ranges made of `^20.19` and `>=24`. A tag without a minor version is the newest release of its major one. */
function isSupported(engines: string, major: number, minor: number): boolean {
  return engines.split('||').some((range) => {
    const [, operator, leastMajor, leastMinor] = /^(\^|>=)(\d+)(?:\.(\d+))?$/.exec(range.trim()) ?? [];
    if (operator === undefined) throw new Error(`Expected a range like ^20.19 or >=24, got ${range.trim()}`);
    if (major === Number(leastMajor)) return minor >= Number(leastMinor ?? 0);
    return operator === '>=' && major > Number(leastMajor);
  });
}

/** Looks at the `COPY`s of the last of these stages. */
function findCopyFaults(stages: readonly Stage[], project: ImageProject): string[] {
  const copies = stages.at(-1)?.instructions.filter(({ keyword }) => keyword === 'COPY') ?? [];
  return copies.flatMap(({ flags, value }) => {
    const sources = value.split(/\s+/).slice(0, -1);
    const from = flags['from'];
    if (from === undefined) {
      return sources
        .filter((source) => !(project.exists(source) && isInContext(project.dockerignore, source)))
        .map((source) => `COPY ${source}: not in the build context`);
    }
    const products = listProducts(
      stages.slice(0, -1).find(({ name }) => name === from),
      project.outDir,
    );
    return sources
      .filter((source) => !products.some((product) => `${source}/`.startsWith(`${product}/`)))
      .map((source) => `COPY ${source}: not made by the stage ${from}`);
  });
}

function listProducts(stage: Stage | undefined, outDir: string): string[] {
  const commands =
    stage?.instructions.filter(({ keyword }) => keyword === 'RUN').map(({ value }) => value) ?? [];
  const products = { 'npm ci': 'node_modules', 'npm run build': outDir };
  return Object.entries(products)
    .filter(([command]) => commands.some((value) => value.split(/\s*&&\s*/).includes(command)))
    .map(([, product]) => posix.join(workdir, product));
}

function findRuntimeFaults(stages: readonly Stage[], outDir: string): string[] {
  const user = findEffective(stages, 'USER')?.value ?? 'root';
  const command = readExecForm(findEffective(stages, 'CMD')?.value ?? '');
  const hasProgram = stages
    .at(-1)
    ?.instructions.some(
      ({ keyword, value }) => keyword === 'COPY' && value === `${workdir}/${outDir} ${outDir}`,
    );
  return [
    ...(/^(root|0)(:|$)/.test(user) ? ['runs as root'] : []),
    ...(command[0] === 'node' && command.at(-1) === `${outDir}/main.js` && hasProgram
      ? []
      : ['does not start the built program']),
    ...(readExecForm(findEffective(stages, 'HEALTHCHECK')?.value ?? '').length > 0
      ? []
      : ['has no health check']),
    ...(findEffective(stages, 'STOPSIGNAL')?.value === 'SIGTERM' ? [] : ['is not stopped by SIGTERM']),
  ];
}

function findLabelFaults(stages: readonly Stage[], labels: ImageProject['labels']): string[] {
  const text = findEffective(stages, 'LABEL')?.value ?? '';
  return Object.entries(labels)
    .filter(([name, value]) => !text.includes(`org.opencontainers.image.${name}=${JSON.stringify(value)}`))
    .map(([name, value]) => `has no label ${name} that says ${value}`);
}

function toPattern(glob: string): RegExp {
  const parts: Record<string, string> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*' };
  const source = glob.replaceAll(/\*\*\/|\*\*|\*|[.+?^${}()|[\]\\]/g, (part) => parts[part] ?? `\\${part}`);
  return new RegExp(`^${source}(?:/.*)?$`);
}
