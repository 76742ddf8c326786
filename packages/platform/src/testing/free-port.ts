import { createServer } from "node:net";

/**
 * Below the systems' ranges of outgoing ports, which other processes get without asking: a program that takes long to start,
 * or is killed and started again, must find its port free.
 */
const FIRST = 15_000;
const COUNT = 15_000;

/** A free port on loopback. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
