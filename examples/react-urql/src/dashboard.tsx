import { useState } from 'react';
import { Counts } from './counts.tsx';
import type { JobStatus } from './gql/graphql.ts';
import { JobDetail } from './job-detail.tsx';
import { JobList } from './job-list.tsx';

/** What the keys see: the numbers, the list, and the job that is open. */
export function Dashboard() {
  const [status, setStatus] = useState<JobStatus | null>(null);
  const [vendorName, setVendorName] = useState<string | null>(null);
  const [openQrn, setOpenQrn] = useState<string | null>(null);
  return (
    <main>
      <Counts status={status} onSelect={setStatus} />
      {vendorName !== null && (
        <p className="filter">
          Only devices of{' '}
          <button
            type="button"
            onClick={() => setVendorName(null)}
            aria-label={`Show all vendors, not only ${vendorName}`}
          >
            {vendorName} ✕
          </button>
        </p>
      )}
      <JobList
        key={`${status} ${vendorName}`}
        status={status}
        vendorName={vendorName}
        onVendor={setVendorName}
        onOpen={setOpenQrn}
      />
      {openQrn !== null && <JobDetail key={openQrn} qrn={openQrn} onClose={() => setOpenQrn(null)} />}
    </main>
  );
}
