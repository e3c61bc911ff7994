// The editor asks for its workers by these names. It reads this while it loads.
const WORKERS = {
  editorWorkerService: 'editor-worker.js',
  graphql: 'graphql-worker.js',
  json: 'json-worker.js',
};
const { src } = document.currentScript;

globalThis.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_, label) => new URL(WORKERS[label], src).href,
};
