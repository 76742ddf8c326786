import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Resolves `@polyreel/...` for scripts that lie nowhere. */
const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));

/** A process of its own that runs a script, for tests of what several processes share. */
export class ScriptProcess implements AsyncDisposable {
  #lines: string[] = [];
  #said = "";
  readonly #ended: Promise<unknown>;

  private constructor(readonly child: ChildProcess) {
    this.#ended = once(child, "exit");
    child.stdout?.on("data", (chunk: Buffer) => {
      const lines = (this.#said + chunk.toString()).split("\n");
      this.#said = lines.pop() ?? "";
      this.#lines.push(...lines);
    });
  }

  /** `under`: what starts node, `unshare` with its options, say. */
  static start(
    script: string,
    { under = [] as string[], env = {} }: { under?: string[]; env?: NodeJS.ProcessEnv } = {},
  ) {
    const [program = "", ...args] = [...under, process.execPath, "--input-type=module", "-e", script];
    const stdio = ["pipe", "pipe", "inherit"] as const;
    return new ScriptProcess(
      spawn(program, args, { cwd: PACKAGE, env: { ...process.env, ...env }, stdio: [...stdio] }),
    );
  }

  /** The next line that it prints; undefined where it ends before. */
  async line(): Promise<string | undefined> {
    while (this.#lines.length === 0) {
      const ended = this.child.exitCode !== null || this.child.signalCode !== null;
      if (ended) return undefined;
      await Promise.race([once(this.child.stdout ?? this.child, "data"), once(this.child, "close")]);
    }
    return this.#lines.shift();
  }

  /** Ends it with a signal, and waits for its end. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.child.kill(signal);
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
  }
}
