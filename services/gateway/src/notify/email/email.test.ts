import { describe, expect, it } from "vitest";
import { type MailServer, startMailServer } from "../testing/mail-server.js";
import { composeEmail } from "./compose-email.js";
import { parseSmtp } from "./parse-smtp.js";
import { sendEmail } from "./send-email.js";
import type { SmtpConfig } from "./smtp-config.js";

const FROM = "polyreel@example.com";
const bodyOf = (data: object) =>
  JSON.stringify({
    data: {
      batchId: "b1",
      name: "spring",
      run: 1,
      state: "finished",
      combinations: 4,
      delivered: 3,
      failed: 1,
      rejected: 0,
      ...data,
    },
  });
const compose = (data = {}, link?: string) =>
  composeEmail({ id: "ntf_1", type: "batch.finished", body: bodyOf(data) }, FROM, link);

describe("an e-mail", () => {
  it("has counts, a link, and a stable id", () => {
    expect(compose({}, "https://polyreel.example/batches/b1")).toEqual({
      messageId: "<ntf_1@example.com>",
      subject: 'Polyreel: "spring" finished: 3 of 4 delivered, 1 failed',
      text: `Batch "spring" is finished: 3 of 4 delivered, 1 failed.

Batch id: b1
Its files, a week long: https://polyreel.example/batches/b1
What failed: polyreel list b1 --state failed
`,
    });
  });

  it("cannot get headers or recipients from a name", async () => {
    await using server = await startMailServer();
    const name = "x\r\nBcc: eve@evil.example\r\n\r\nHello\u2028there\0";
    const email = compose({ name });
    expect(email.subject).not.toMatch(/[\r\n\u2028\0]/);
    await send(server, email);
    const [mail] = server.received;
    expect(mail?.to).toEqual(["ann@b.example"]);
    const [headers = ""] = mail?.content.split("\r\n\r\n") ?? [];
    expect(headers).not.toMatch(/^bcc/im);
  });
});

const smtpOf = ({ port }: MailServer, more: Partial<SmtpConfig> = {}): SmtpConfig => ({
  ...{ host: "127.0.0.1", port, tls: "offered", user: "", password: "", from: FROM },
  ...more,
});
const { signal } = new AbortController();
const send = (server: MailServer, email = compose(), more: Partial<SmtpConfig> = {}) =>
  sendEmail(email, ["ann@b.example"], smtpOf(server, more), { timeoutMs: 500, signal });

describe("sending", () => {
  it("hands the e-mail to the server", async () => {
    await using server = await startMailServer();
    expect(await send(server)).toEqual({ accepted: true, status: 250, reason: "", response: "" });
    expect(server.received).toMatchObject([{ from: FROM, to: ["ann@b.example"] }]);
    const [{ content = "" } = {}] = server.received;
    expect(content).toContain("Message-ID: <ntf_1@example.com>");
    expect(content).toContain("Auto-Submitted: auto-generated");
    expect(content).toContain("3 of 4 delivered, 1 failed");
  });

  it("logs in, and does not repeat the password where that fails", async () => {
    await using server = await startMailServer();
    expect(await send(server, compose(), { user: "me", password: "right" })).toMatchObject({ accepted: true });
    const outcome = await send(server, compose(), { user: "me", password: "5ec2e7" });
    expect(outcome).toMatchObject({ accepted: false, status: 535 });
    expect(outcome.final).toBeFalsy();
    expect(server.logins).toEqual(["me right", "me 5ec2e7"]);
    expect(JSON.stringify(outcome)).not.toContain("5ec2e7");
  });

  it.each([
    [450, false],
    [550, true],
  ])("fails for good only where the server says so: %i", async (code, final) => {
    await using server = await startMailServer();
    server.refuseWith = code;
    const outcome = await send(server);
    expect(outcome).toMatchObject({ accepted: false, status: code });
    expect(Boolean(outcome.final)).toBe(final);
  });

  it("requires TLS unless told otherwise, and is bounded in time", async () => {
    await using server = await startMailServer();
    expect(await send(server, compose(), { tls: "starttls" })).toMatchObject({ accepted: false });
    expect(server.received).toEqual([]);
    await using hanging = await startMailServer({ hangs: true });
    const outcome = await send(hanging);
    expect(outcome.accepted).toBe(false);
    expect(outcome.reason).toMatch(/did not (answer|take)/);
  });
});

describe("the SMTP_ variables", () => {
  const given = { url: "", host: "", port: "", user: "", password: "", from: FROM, tls: "" };
  it.each([
    [
      { url: "smtps://me:p%40ss@mail.example" },
      { host: "mail.example", port: 465, tls: "direct", user: "me", password: "p@ss" },
    ],
    [{ url: "smtp://mail.example:2525" }, { host: "mail.example", port: 2525, tls: "starttls" }],
    [
      { host: "mail.example", user: "me", password: "x" },
      { port: 587, tls: "starttls", user: "me" },
    ],
    [
      { host: "127.0.0.1", port: "25" },
      { port: 25, tls: "offered" },
    ],
    [
      { host: "mail.example", tls: "none" },
      { port: 25, tls: "none" },
    ],
  ])("%j", (variables, expected) => {
    expect(parseSmtp({ ...given, ...variables })).toMatchObject({ ...expected, from: FROM });
  });

  it.each([
    [{ url: "http://5ec2e7@mail.example" }, /^SMTP_URL is no address/],
    [{ url: "smtp://mail.example", host: "mail.example" }, /both set/],
    [{ host: "mail.example", port: "x" }, /SMTP_PORT/],
    [{ host: "mail.example", from: "Me <5ec2e7>" }, /SMTP_FROM/],
  ])("refuses %j", (variables, reason) => {
    expect(() => parseSmtp({ ...given, ...variables })).toThrow(reason);
    expect(() => parseSmtp({ ...given, ...variables })).not.toThrow(/5ec2e7/);
  });

  it("are not needed", () => {
    expect(parseSmtp({ ...given, from: "" })).toBeUndefined();
  });
});
