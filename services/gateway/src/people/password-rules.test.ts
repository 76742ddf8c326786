import { expect, it } from "vitest";
import { normalizeEmail, parseEmail, userIdOf } from "./email.js";
import { parseNewPassword } from "./password-rules.js";

const EMAIL = "jane.doe@studio.example";

it.each([
  "several words of mine",
  "correct horse battery staple",
  "ÄÖÜ äöü ß €€",
  "密码密钥口令字符串测试一二三",
  "👍🏽👍🏾👍🏿👍🏻 is twelve",
  "            x            y  z",
  "so many words of mine that nobody else would ever write them all down in this order ".padEnd(128, "zyx wvu"),
])("permits %j", (password) => {
  expect(parseNewPassword(password, EMAIL)).toBe(password.normalize("NFKC"));
});

it.each([
  ["eleven char", "fewer than 12"],
  ["👍👍👍👍👍👍", "6 characters"],
  ["x".repeat(129), "more than 128"],
  [EMAIL, "email address"],
  [EMAIL.toUpperCase(), "email address"],
  ["jane.doe1234", "email address"],
  ["password1234", "guessed first"],
  ["Password!2024", "guessed first"],
  ["PASSWORDPASSWORD", "guessed first"],
  ["123456789012", "guessed first"],
  ["aaaaaaaaaaaaaaaa", "guessed first"],
  ["abcabcabcabcabc", "guessed first"],
  ["qwertyuiop123", "guessed first"],
  ["1q2w3e4r5t6y", "guessed first"],
  ["iloveyou12345", "guessed first"],
])("refuses %j, without repeating it", (password, message) => {
  const refused = () => parseNewPassword(password, EMAIL);
  expect(refused).toThrow(message);
  try {
    refused();
  } catch (error) {
    expect(JSON.stringify(error)).not.toContain(password);
  }
});

it("takes one password for the same, however its characters are composed", () => {
  expect(parseNewPassword("se\u0301same ouvre-toi", EMAIL)).toBe(parseNewPassword("s\u00e9same ouvre-toi", EMAIL));
});

it.each([" Jane@Studio.Example ", "ｊane@studio.example", "JANE@STUDIO.EXAMPLE"])(
  "takes %j for jane@studio.example",
  (text) => {
    expect(userIdOf(parseEmail(text))).toBe(userIdOf(normalizeEmail("jane@studio.example")));
  },
);

it.each([
  "",
  "jane",
  "@x",
  "jane@",
  "a b@x",
  "a@b@c",
  "<script>@x",
  `${"a".repeat(65)}@x.example`,
  "a@x\u0000",
  "a\n@x",
])("refuses the address %j", (text) => {
  expect(() => parseEmail(text)).toThrow("is not an email address");
});
