import { spawnSync } from "node:child_process";

/** Starts a program where it has process id 1, as in a container. It dies with its parent. */
export const OTHER_PIDS = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** Whether this user may do so: root on most systems. */
export const canSeparatePids = (): boolean => spawnSync("unshare", [...OTHER_PIDS.slice(1), "true"]).status === 0;
