const LOOK_MS = 500;

/**
 * Ends this command, as SIGTERM does, when npm (npx) that started it is gone: npm passes a signal on to the shell between
 * the two only, and the command would run on without anyone who knows of it. For commands started by npm alone: others may
 * outlive what started them on purpose (nohup).
 */
export function endWithNpm(): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, LOOK_MS);
  timer.unref();
}
