/** What the most common passwords are made of; those of twelve characters and more are mostly repetitions and joins of these. */
const WORDS = [
  ...["password", "passw0rd", "p@ssword", "p@ssw0rd", "passwort", "qwerty", "qwertyuiop", "qwertz", "azerty", "asdf"],
  ...[
    "asdfgh",
    "asdfghjkl",
    "zxcvbn",
    "zxcvbnm",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "3edc4rfv",
    "qazwsx",
    "qazwsxedc",
  ],
  ...[
    "iloveyou",
    "letmein",
    "welcome",
    "admin",
    "administrator",
    "root",
    "login",
    "default",
    "changeme",
    "secret",
    "master",
  ],
  ...["monkey", "dragon", "football", "baseball", "basketball", "superman", "batman", "princess", "sunshine", "shadow"],
  ...["michael", "jordan", "jennifer", "charlie", "liverpool", "chelsea", "arsenal", "trustno1", "starwars", "pokemon"],
  ...[
    "whatever",
    "computer",
    "internet",
    "samsung",
    "google",
    "facebook",
    "abc",
    "abcd",
    "abcdef",
    "test",
    "user",
    "guest",
  ],
  ...["hello", "freedom", "summer", "winter", "spring", "autumn", "polyreel", "video", "correcthorsebatterystaple"],
].sort((a, b) => b.length - a.length);
const SEQUENCES = [
  "01234567890123456789",
  "98765432109876543210",
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiopasdfghjklzxcvbnm",
];
const YEARS = /(19|20)\d\d/g;
/** At most so many other characters: "password1234!" is as common as "password". */
const FEW = 3;
const MIN_SEQUENCE = 4;

/** Whether a password, in lower case, is made of little but common words, sequences and repetitions. Pure. */
export function isCommonPassword(password: string): boolean {
  let rest = password;
  for (const word of WORDS) rest = rest.replaceAll(word, "");
  rest = withoutSequences(rest.replace(YEARS, ""));
  // A piece and its repetitions count once: "abcabcabcabc" as "abc".
  rest = rest.replace(/(.{1,6}?)\1{2,}/gu, "");
  return [...rest].length <= FEW;
}

function withoutSequences(text: string): string {
  let rest = "";
  for (let i = 0; i < text.length; ) {
    const length = SEQUENCES.reduce((longest, sequence) => Math.max(longest, commonStart(text, i, sequence)), 0);
    if (length < MIN_SEQUENCE) rest += text[i];
    i += length < MIN_SEQUENCE ? 1 : length;
  }
  return rest;
}

/** Length of the longest part of a sequence that the text has at `i`. */
function commonStart(text: string, i: number, sequence: string): number {
  let length = 0;
  while (i + length < text.length && sequence.includes(text.slice(i, i + length + 1))) length++;
  return length;
}
