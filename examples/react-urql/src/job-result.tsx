import { useQuery } from 'urql';
import { graphql } from './gql';
import { Histogram } from './histogram.tsx';

const JOB_RESULT = graphql(`
  query JobResult($qrn: String!) {
    job(qrn: $qrn) {
      id
      result {
        measurementCounts(first: 16) {
          bitstring
          count
          probability
        }
        shots
        data
      }
    }
  }
`);

/** What a completed job measured. */
export function JobResult({ qrn }: { readonly qrn: string }) {
  const [{ data, error, fetching }, read] = useQuery({ query: JOB_RESULT, variables: { qrn } });
  if (fetching) return <p className="soft">Reading the result …</p>;
  if (error) {
    return (
      <p className="notice" role="status">
        {error.graphQLErrors[0]?.message ?? error.message}{' '}
        <button type="button" onClick={() => read({ requestPolicy: 'network-only' })}>
          Try again
        </button>
      </p>
    );
  }
  const result = data?.job?.result;
  if (!result) return null;
  const { measurementCounts, shots } = result;
  return (
    <section aria-label="Result">
      <h3>Result</h3>
      {measurementCounts && (
        <figure>
          <Histogram counts={measurementCounts} />
          <figcaption>
            {measurementCounts.length} outcomes of {shots?.toLocaleString('en')} shots, the most frequent
            first
          </figcaption>
        </figure>
      )}
      <details open={!measurementCounts}>
        <summary>Other data</summary>
        <pre>{JSON.stringify(result.data, null, 2)}</pre>
      </details>
    </section>
  );
}
