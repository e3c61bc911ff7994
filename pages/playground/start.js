const { tabs, livePage } = JSON.parse(document.body.dataset.page);
let openTab = null;

YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), {
  title: `qBraid jobs <a class="live-page" href="${livePage}">Live page</a>`,
  method: 'POST',
  headers: tabs[0].headers,
  defaultTabs: tabs,
  ...restoreTab(),
  onTabChange: ({ tabs, activeTabIndex }) => openPaneOf(tabs[activeTabIndex]),
  // A key outlives a reload, but not the tab of the browser.
  storage: sessionStorage,
  shouldPersistHeaders: true,
  showPersistHeadersSettings: false,
});

/** What opens the tab that was open before a reload. Left to itself, GraphiQL finds none that fits and adds an empty one. */
function restoreTab() {
  const stored = storedTab();
  const asked = new URL(location.href).searchParams.get('query');
  if (stored === null || (asked !== null && asked !== stored.query)) {
    return { defaultEditorToolsVisibility: paneOf(tabs[0]) };
  }
  openTab = stored.id;
  const { query, variables, headers } = stored;
  return { query, variables, initialHeaders: headers, defaultEditorToolsVisibility: paneOf(stored) };
}

function storedTab() {
  const state = JSON.parse(sessionStorage.getItem('graphiql:tabState'));
  return state?.tabs[state.activeTabIndex] ?? null;
}

/** The pane that a tab talks of: that of its variables, if it has some. */
function paneOf({ variables }) {
  return variables ? 'variables' : 'headers';
}

/** Opens the pane of a tab when somebody comes to it: not with each change in the tab. */
function openPaneOf(tab) {
  if (tab.id === openTab) return;
  openTab = tab.id;
  document.querySelector(`.graphiql-editor-tools [data-name="${paneOf(tab)}"]`)?.click();
}
