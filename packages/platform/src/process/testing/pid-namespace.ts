import { spawnSync } from "node:child_process";

/** Options that start a program with process id 1, as in a container. It dies with its parent. */
export const OTHER_PIDS = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** Whether this user may do so, which is root on most systems. */
export const canSeparatePids = (): boolean => spawnSync("unshare", [...OTHER_PIDS.slice(1), "true"]).status === 0;
