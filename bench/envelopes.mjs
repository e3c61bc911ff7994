/** The bodies of the qBraid API, from the texts of its jobs. One time stands in all, so that they can be compared. */
export const toJobBody = (jobText) => `{"success":true,"data":${jobText}}`;

export function toPageBody(jobTexts, page, limit) {
  const total = jobTexts.length;
  const totalPages = Math.ceil(total / limit);
  const pagination = { page, limit, total, totalPages, hasNext: page < totalPages, hasPrev: page > 1 };
  const data = jobTexts.slice((page - 1) * limit, page * limit).join(',');
  const meta = { timestamp: '2026-01-14T12:00:00.000Z' };
  return `{"success":true,"data":[${data}],"pagination":${JSON.stringify(pagination)},"meta":${JSON.stringify(meta)}}`;
}
