/** What a server says that is no better with other keys: it is full, accepts no writes, or its user may not do this. */
const OF_ALL_KEYS = /^(OOM|READONLY|MISCONF|NOPERM)|the user executing the script|ACL failure in script/i;

/** How Redis and Valkey name a script whose command, or which itself, has failed. */
const IN_SCRIPT = /on @user_script|^ERR (user_script|Error running script)/;

/** Whether a script met what no script has written. All other keys are as good as before. */
export function isOfOneKey(error: unknown): boolean {
  return error instanceof Error && IN_SCRIPT.test(error.message) && !OF_ALL_KEYS.test(error.message);
}
