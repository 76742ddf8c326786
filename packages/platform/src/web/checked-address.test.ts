import { describe, expect, it } from "vitest";
import { PolyreelError } from "../errors.js";
import { WEBHOOKS } from "./address-use.js";
import { admissionOf } from "./admission.js";
import { checkedAddress } from "./checked-address.js";

const none = admissionOf("");

const refusalOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof PolyreelError) return `${error.failure.reason} ${error.failure.remedy} ${String(error.cause)}`;
    throw error;
  }
  throw new Error("It was not refused.");
};

describe("checkedAddress", () => {
  it.each([
    "http://127.0.0.1/a?key=secret",
    "http://0x7f.1/a?key=secret",
    "http://0177.0.0.1/a?key=secret",
    "http://2130706433/a?key=secret",
    "http://127.1/a?key=secret",
    "http://①②⑦.0.0.1/a?key=secret",
    "http://0/a?key=secret",
    "http://169.254.169.254/latest/meta-data?key=secret",
    "https://[::1]/a?key=secret",
    "https://[::ffff:7f00:1]/a?key=secret",
    "https://[0:0:0:0:0:ffff:127.0.0.1]/a?key=secret",
    "https://[64:ff9b::10.0.0.1]/a?key=secret",
    "https://[2002:7f00:1::]/a?key=secret",
    "https://[fd00::1]/a?key=secret",
  ])("refuses %s as inner", (address) => {
    const refusal = refusalOf(() => checkedAddress(address, none));
    expect(refusal).toMatch(/points into an inner network/);
    expect(refusal).not.toContain("secret");
  });

  it.each([
    ["https://", /can't be read/],
    ["http://256.256.256.256/?key=secret", /can't be read/],
    ["https://a.example:99999/?key=secret", /can't be read/],
    ["https://[fe80::1%25eth0]/?key=secret", /can't be read/],
    ["ftp://a.example/a?key=secret", /not ftp/],
    ["file:///etc/secret", /not file/],
    ["https://secret:secret@a.example/a", /^The address of a\.example\/a contains a user/],
    ["https://secret@a.example/a", /contains a user/],
    ["http://a.example:25/a?key=secret", /^a\.example:25\/a: port 25/],
  ])("refuses %s", (address, reason) => {
    const refusal = refusalOf(() => checkedAddress(address, none));
    expect(refusal).toMatch(reason);
    expect(refusal).not.toContain("secret");
  });

  it.each([
    "https://a.example/a",
    "http://a.example:8080/a",
    "http://8.8.8.8/",
    "https://[2606:4700:4700::1111]:8443/",
  ])("accepts %s", (address) => {
    expect(checkedAddress(address, none).href).toBe(address);
  });
});

describe("checkedAddress of a webhook", () => {
  it.each([
    ["http://8.8.8.8/hook?key=secret", "", /^8\.8\.8\.8\/hook is an address of http/],
    ["https://10.0.0.1/hook?key=secret", "", /which webhooks are not sent to.* POLYREEL_NOTIFY_ALLOW/],
    ["ftp://a.example/", "", /^Webhooks are sent over http and https, not ftp/],
    ["https://user:secret@a.example/", "", /recognise the sender by the signature/],
  ])("refuses %s with %j allowed", (address, allowed, reason) => {
    const refusal = refusalOf(() => checkedAddress(address, admissionOf(allowed, WEBHOOKS)));
    expect(refusal).toMatch(reason);
    expect(refusal).not.toContain("secret");
  });

  it("accepts http where the list has the host", () => {
    expect(checkedAddress("http://10.0.0.1/", admissionOf("10.0.0.0/8", WEBHOOKS)).host).toBe("10.0.0.1");
  });
});
