import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { findEffective, type Instruction, isInContext, parseDockerfile, type Stage } from './dockerfile.ts';

/** What an image holds in its working directory, and what it starts. */
export interface CarriedOut {
  readonly folder: string;
  /** What `ENV` sets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The working directory of the Dockerfile. */
const WORKDIR = '/app/';

/**
 * Carries out the steps of a project's Dockerfile in folders, without the base image: each stage begins empty, takes only what
 * is in the build context or what the stage before it made, and runs its commands there. `npm ci` is taken as done: it links to
 * the packages of the project. What a stage does to the base image itself is left out.
 *
 * @param temporary is an empty folder, with one for each stage in the end.
 */
export function carryOutDockerfile(project: string, temporary: string): CarriedOut {
  const read = (name: string) => readFileSync(join(project, name), 'utf8');
  const stages = parseDockerfile(read('Dockerfile'));
  const dockerignore = read('.dockerignore');
  const folderOf = (stage: Stage | undefined) => join(temporary, String(stage && stages.indexOf(stage)));
  const fromContext = (path: string) =>
    isInContext(dockerignore, relative(project, path)) || statSync(path).isDirectory();

  function copy({ flags, value }: Instruction, folder: string): void {
    const sources = value.split(/\s+/);
    const target = join(folder, sources.pop() ?? '');
    const from = stages.find(({ name }) => name !== undefined && name === flags['from']);
    for (const source of sources) {
      const path =
        from === undefined ? join(project, source) : join(folderOf(from), source.replace(WORKDIR, ''));
      const place = statSync(path).isFile() && target.endsWith('/') ? join(target, basename(path)) : target;
      cpSync(path, place, { recursive: true, ...(from === undefined ? { filter: fromContext } : {}) });
    }
  }

  function run(command: string, folder: string): void {
    if (command === 'npm ci') symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
    else if (!command.includes('/usr/local/'))
      execFileSync('sh', ['-c', command], { cwd: folder, stdio: 'pipe' });
  }

  for (const stage of stages) {
    const folder = folderOf(stage);
    mkdirSync(folder);
    for (const instruction of stage.instructions) {
      if (instruction.keyword === 'COPY') copy(instruction, folder);
      if (instruction.keyword === 'RUN') run(instruction.value, folder);
    }
  }
  const environment =
    findEffective(stages, 'ENV')
      ?.value.split(' ')
      .map((pair) => pair.split('=')) ?? [];
  return { folder: folderOf(stages.at(-1)), environment: Object.fromEntries(environment) };
}
