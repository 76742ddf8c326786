import { createInterface } from "node:readline";

/** Addresses that are typed or pasted to standard input, one a line. Other lines are ignored. */
export async function* pastedAddresses(signal: AbortSignal): AsyncGenerator<URL> {
  const lines = createInterface({ input: process.stdin, terminal: false });
  const close = () => lines.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    for await (const line of lines) {
      const address = line.trim();
      if (URL.canParse(address)) yield new URL(address);
    }
  } finally {
    signal.removeEventListener("abort", close);
    lines.close();
    process.stdin.destroy();
  }
}
