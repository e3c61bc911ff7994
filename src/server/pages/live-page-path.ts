/** The path of the live page. */
export const LIVE_PAGE_PATH = '/live-jobs';
