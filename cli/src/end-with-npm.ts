const POLL_MS = 500;

/**
 * Ends this command, as SIGTERM does, when the npm (npx) that started it is gone. npm passes signals only to the shell
 * between them, so the command would otherwise be orphaned. Applies to commands started by npm only: others may outlive
 * their parent on purpose (nohup).
 */
export function endWithNpm(): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, POLL_MS);
  timer.unref();
}
