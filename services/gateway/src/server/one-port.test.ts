import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Handler, type OnePort, openPort, type PortOptions } from "./one-port.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const OPTIONS: PortOptions = {
  host: "127.0.0.1",
  port: 0,
  maxConnections: 100,
  maxConnectionsPerAddress: 100,
  stallTimeoutMs: 60_000,
  maxConcurrentStreams: 3,
  headersTimeoutMs: 300,
  firstCallTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  graceMs: 500,
};

const opened: OnePort[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((port) => port.close()));
});

async function open(handler: Handler, options: Partial<PortOptions> = {}): Promise<OnePort> {
  const port = await openPort(handler, { ...OPTIONS, ...options });
  opened.push(port);
  return port;
}

const hello: Handler = (request, response) => {
  response.writeHead(200);
  response.end(`hello over ${request.httpVersion}`);
};

/** Answers on request. */
function held() {
  const answers: (() => void)[] = [];
  const handler: Handler = (_, response) => {
    answers.push(() => {
      response.writeHead(200);
      response.end("late");
    });
  };
  return { handler, answers };
}

async function get1(port: number, agent?: http.Agent): Promise<{ body: string; headers: http.IncomingHttpHeaders }> {
  const [response] = (await once(http.get({ port, host: "127.0.0.1", agent }), "response")) as [http.IncomingMessage];
  let body = "";
  for await (const chunk of response) body += chunk;
  return { body, headers: response.headers };
}

async function get2(session: http2.ClientHttp2Session): Promise<string> {
  const stream = session.request({ ":path": "/" });
  let body = "";
  for await (const chunk of stream) body += chunk;
  return body;
}

async function ending(socket: net.Socket): Promise<number> {
  const began = Date.now();
  await once(socket.resume(), "close");
  return Date.now() - began;
}

describe("openPort", () => {
  it("speaks HTTP/1.1 and HTTP/2 with prior knowledge on one port", async () => {
    const { port } = await open(hello);
    const session = http2.connect(`http://127.0.0.1:${port}`);
    expect(await get2(session)).toBe("hello over 2.0");
    session.close();
    expect((await get1(port)).body).toBe("hello over 1.1");
  });

  it("recognises HTTP/2 even if its preface arrives byte by byte", async () => {
    const { port } = await open(hello);
    const socket = net.connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    for (const byte of PREFACE) {
      socket.write(byte);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])); // An empty SETTINGS frame.
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first[3]).toBe(4); // SETTINGS.
    socket.destroy();
  });

  it("closes connections that send too little, too late", async () => {
    const { port } = await open(hello);
    const silent = net.connect(port, "127.0.0.1");
    const halfPreface = net.connect(port, "127.0.0.1", () => halfPreface.write(PREFACE.slice(0, 10)));
    const halfHeader = net.connect(port, "127.0.0.1", () => halfHeader.write("GET / HTTP/1.1\r\nHost: x\r\n"));
    const [first, second, third] = await Promise.all([silent, halfPreface, halfHeader].map(ending));
    expect(first).toBeLessThan(1000);
    expect(second).toBeLessThan(1000);
    expect(third).toBeLessThan(1500);
  });

  it("ends HTTP/2 connections that make no calls", async () => {
    const { port } = await open(hello, { idleTimeoutMs: 100 });
    const session = http2.connect(`http://127.0.0.1:${port}`);
    await get2(session);
    await once(session, "close");
  });

  it("limits concurrent calls per connection", async () => {
    const { port } = await open(hello);
    const session = http2.connect(`http://127.0.0.1:${port}`);
    await once(session, "remoteSettings");
    expect(session.remoteSettings.maxConcurrentStreams).toBe(3);
    session.close();
  });

  it("survives clients that disconnect", async () => {
    const { port } = await open(hello);
    for (const start of ["", "P", PREFACE, `${PREFACE}garbage that is no frame`, "GET / HT", "\x16\x03\x01 TLS?"]) {
      const socket = net.connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.write(start);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.resetAndDestroy();
    }
    expect((await get1(port)).body).toBe("hello over 1.1");
  });

  it("explains why a port is unavailable", async () => {
    const { port } = await open(hello);
    await expect(openPort(hello, { ...OPTIONS, port })).rejects.toMatchObject({
      code: "unavailable",
      message: `The gateway can't listen on 127.0.0.1:${port} (EADDRINUSE).`,
    });
  });
});

describe("close", () => {
  it("lets calls finish, and accepts no new connection", async () => {
    const { handler, answers } = held();
    const port = await open(handler, { graceMs: 5000 });
    const session = http2.connect(`http://127.0.0.1:${port.port}`);
    const agent = new http.Agent({ keepAlive: true });
    const calls = [get2(session), get1(port.port, agent).then(({ body }) => body)];
    await expect.poll(() => answers.length, PATIENT).toBe(2);

    const began = Date.now();
    const closed = port.close();
    await expect(get1(port.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    for (const answer of answers) answer();
    expect(await Promise.all(calls)).toEqual(["late", "late"]);
    await closed;
    expect(Date.now() - began).toBeLessThan(2000);
    agent.destroy();
  });

  it("closes idle kept-alive connections", async () => {
    const port = await open(hello, { graceMs: 5000 });
    const agent = new http.Agent({ keepAlive: true });
    await get1(port.port, agent);
    const session = http2.connect(`http://127.0.0.1:${port.port}`);
    await get2(session);
    const began = Date.now();
    await port.close();
    expect(Date.now() - began).toBeLessThan(1000);
    agent.destroy();
  });

  it("cuts what does not end in time", async () => {
    const { handler, answers } = held();
    const port = await open(handler, { graceMs: 200 });
    const call = get1(port.port).catch((error: NodeJS.ErrnoException) => error.code);
    const session = http2.connect(`http://127.0.0.1:${port.port}`);
    session.on("error", () => {});
    const stream = session.request({ ":path": "/" });
    stream.on("error", () => {});
    await expect.poll(() => answers.length, PATIENT).toBe(2);
    await port.close();
    expect(await call).toBe("ECONNRESET");
    if (!stream.closed) await once(stream, "close");
  });
});
