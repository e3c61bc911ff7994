import type { Credential } from '../../auth/api-key.ts';
import { isFailure } from '../../jobs/failures.ts';
import { type KeyFailure, KeysFailedError, noKeyGave } from '../../jobs/keys-failed-error.ts';
import { assertQrn } from '../../jobs/qrn.ts';
import { invalidInput } from '../../lib/gateway-error.ts';
import type { GraphQLContext } from '../graphql-context.ts';
import type { Loaders } from '../loaders.ts';
import { pickCredentials } from '../pick-credentials.ts';
import type { CancelJobInput, CancelJobPayloadResolvers, MutationResolvers } from '../schema.generated.ts';

/** A job that upstream was asked to cancel. */
export interface CancelJobOutcome {
  readonly qrn: string;
  /** The key that it was cancelled with. */
  readonly owner: Credential;
  readonly clientMutationId: string | null;
}

export const mutationResolvers: MutationResolvers = {
  cancelJob: (_, { input }, context, info) => context.once(info, () => cancelJob(input, context)),
};

async function cancelJob(input: CancelJobInput, context: GraphQLContext): Promise<CancelJobOutcome> {
  context.assertMutations();
  const { credentials, loaders } = context.session();
  const qrn = assertQrn(input.qrn);
  const candidates = pickCredentials(credentials, input.key == null ? null : [input.key], 'input.key');
  const owner = await findOwner(qrn, candidates, loaders);
  try {
    await loaders.cancelJob(owner, qrn);
  } catch (error) {
    throw isFailure(error) ? new KeysFailedError([{ label: owner.label, error }]) : error;
  } finally {
    // Also after a failure: the job may have been cancelled, or is in another state than its client believed.
    context.pollers.pollAnew(owner.key);
  }
  return { qrn, owner, clientMutationId: input.clientMutationId ?? null };
}

export const cancelJobPayloadResolvers: CancelJobPayloadResolvers = {
  job: ({ qrn, owner }, _, context) => context.session().loaders.jobOfKey(owner, qrn),
  clientMutationId: ({ clientMutationId }) => clientMutationId,
};

/**
 * The key that sees the job as its own. What changes a job is never tried with one key after the other.
 *
 * @throws {KeysFailedError} where no key sees the job.
 * @throws {GatewayError} `invalid-input` where several do.
 */
async function findOwner(
  qrn: string,
  credentials: readonly Credential[],
  loaders: Pick<Loaders, 'jobOfKey'>,
): Promise<Credential> {
  const [only, another] = credentials;
  if (only !== undefined && another === undefined) return only;
  const failures: KeyFailure[] = [];
  const look = async (credential: Credential): Promise<readonly Credential[]> => {
    try {
      await loaders.jobOfKey(credential, qrn);
      return [credential];
    } catch (error) {
      if (!(error instanceof KeysFailedError)) throw error;
      failures.push(...error.failures);
      return [];
    }
  };
  const [owner, ...others] = (await Promise.all(credentials.map(look))).flat();
  if (owner === undefined) throw noKeyGave(failures);
  if (others.length === 0) return owner;
  const labels = [owner, ...others].map(({ label }) => label).join(', ');
  throw invalidInput(
    `\`input.key\` must say with which key to cancel the job, since several see it (${labels}), got none: give one of these labels.`,
  );
}
