import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Resolves `@polyreel/...` for scripts without a file. */
const PACKAGE = fileURLToPath(new URL("../../..", import.meta.url));

/** Runs a script in a separate process, for tests of resources that processes share. */
export class ScriptProcess implements AsyncDisposable {
  #lines: string[] = [];
  #partialLine = "";
  #closed = false;
  #wake = () => {};
  readonly #ended: Promise<unknown>;

  private constructor(readonly child: ChildProcess) {
    this.#ended = once(child, "exit");
    child.stdout?.on("data", (chunk: Buffer) => {
      const lines = (this.#partialLine + chunk.toString()).split("\n");
      this.#partialLine = lines.pop() ?? "";
      this.#lines.push(...lines);
      this.#wake();
    });
    child.once("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** `under`: command that starts node, such as `unshare` with its options. */
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

  /** The next line that it prints; undefined if it ends before. */
  async line(): Promise<string | undefined> {
    while (this.#lines.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
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
