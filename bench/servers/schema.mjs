/** The part of the gateway's schema that the workloads use. */
export const typeDefs = `
  type Query {
    job(qrn: String!): Job
    jobs(first: Int): JobConnection
  }

  type JobConnection {
    nodes: [Job]!
    totalCount: Int!
  }

  type Job {
    qrn: String!
    name: String
    status: JobStatus!
    statusMsg: String
    shots: Float
    deviceQrn: String
    vendor: String
    provider: String
    experimentType: String
    tags: JSONObject!
    batchJobQrn: String
    batchJob: Job
    queuePosition: Int
    createdAt: DateTime
    cost: Float
    estimatedCost: Float
  }

  enum JobStatus {
    INITIALIZING QUEUED VALIDATING RUNNING CANCELLING CANCELLED COMPLETED FAILED UNKNOWN HOLD
  }

  scalar JSONObject
  scalar DateTime
`;

/** Resolvers over a context with `loadJob(qrn)` and `listJobs(first)`. What is not here is a property of the job. */
export const resolvers = {
  Query: {
    job: (_, { qrn }, { loadJob }) => loadJob(qrn),
    jobs: async (_, { first }, { listJobs }) => {
      const { data, pagination } = await listJobs(first ?? 50);
      return { nodes: data, totalCount: pagination.total };
    },
  },
  Job: {
    qrn: ({ jobQrn }) => jobQrn,
    batchJob: ({ batchJobQrn }, _, { loadJob }) => (batchJobQrn === null ? null : loadJob(batchJobQrn)),
    createdAt: ({ timeStamps }) => timeStamps?.createdAt ?? null,
  },
};
