import { formatCredits, formatTime } from './format.ts';
import type { JobRowFragment } from './gql/graphql.ts';
import { Status } from './status.tsx';

interface JobRowProps {
  readonly job: JobRowFragment;
  readonly onVendor: (vendorName: string) => void;
  readonly onOpen: (qrn: string) => void;
}

/** One line of the list: its name opens the job, its vendor narrows the list. */
export function JobRow({ job, onVendor, onOpen }: JobRowProps) {
  const { qrn, name, status, vendor, deviceQrn, queuePosition, cost, createdAt } = job;
  return (
    <tr data-qrn={qrn}>
      <th scope="row">
        <button type="button" className="link" onClick={() => onOpen(qrn)}>
          {name ?? qrn}
        </button>
      </th>
      <td>
        <Status status={status} />
      </td>
      <td className="vendor">
        {vendor !== null && (
          <button type="button" className="link" title={`Only ${vendor}`} onClick={() => onVendor(vendor)}>
            {vendor}
          </button>
        )}
      </td>
      <td className="device">{deviceQrn}</td>
      <td className="number" data-unit="in the queue">
        {queuePosition}
      </td>
      <td className="number" data-unit="credits">
        {cost === null ? null : formatCredits(cost)}
      </td>
      <td className="time">{createdAt && formatTime(createdAt)}</td>
    </tr>
  );
}
