import { execFile } from "node:child_process";

export interface CurlAnswer {
  readonly status: number;
  readonly type: string;
  /** Parsed if it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it with literals.
  readonly body: any;
}

const MARK = "\n--curl-answer--";

/** Runs curl with these arguments; resolves with its answer, or with status 0 and its message. */
export function curl(...args: string[]): Promise<CurlAnswer> {
  const write = `${MARK}%{http_code} %{content_type}`;
  return new Promise((resolve) => {
    const options = { maxBuffer: 1 << 26, encoding: "latin1" } as const;
    execFile("curl", ["-sS", "--max-time", "60", "-w", write, ...args], options, (error, stdout, stderr) => {
      const at = stdout.lastIndexOf(MARK);
      const [code = "0", ...type] = stdout.slice(at + MARK.length).split(" ");
      const raw = Buffer.from(stdout.slice(0, Math.max(0, at)), "latin1");
      const isJson = /json/.test(type.join(" "));
      resolve({
        status: Number(code),
        type: type.join(" "),
        body: isJson && raw.length > 0 ? JSON.parse(raw.toString("utf8")) : error ? stderr : raw.toString("latin1"),
      });
    });
  });
}

/** Arguments that send JSON. */
export const json = (body: unknown): string[] => [
  "-H",
  "Content-Type: application/json",
  "-d",
  typeof body === "string" ? body : JSON.stringify(body),
];
