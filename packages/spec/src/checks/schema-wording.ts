import type { DescField } from "@bufbuild/protobuf";
import { allowedValues } from "./allowed-values.js";

interface Wording {
  readonly reason: string;
  readonly remedy: string;
}

/**
 * Messages for violations of the schema, by the field's path and the rule. The first match counts; without one the
 * validator's own message is kept.
 */
const WORDINGS: readonly [path: RegExp, rule: RegExp, wording: Wording][] = [
  [/^batch$/, /required/, { reason: "The request has no batch.", remedy: "Give it one, with blocks or inputs." }],
  [/\.choices$/, /min_items/, { reason: "The block has no choices.", remedy: "Give it at least one, or take it out." }],
  [
    /^blocks\[\d+\]\.input$/,
    /block\.input/,
    { reason: "A block can't hold inputs.", remedy: "List them under the batch's own inputs." },
  ],
  [
    /^inputs\[\d+\]\.source$/,
    /required/,
    { reason: "The input has no source.", remedy: "Give it the path of a file, or a URL." },
  ],
  [
    /^outputs\[\d+\]\.name$/,
    /string/,
    {
      reason: "That can't be an output's name.",
      remedy: 'Begin with a lower-case letter and go on with such letters, digits and "-", up to 32 in all.',
    },
  ],
  [/\.name$/, /string/, { reason: "That can't be a block's name.", remedy: nameRule() }],
  [
    /^blocks\[\d+\]\.kind$/,
    /required/,
    { reason: "The block has no kind.", remedy: "Make it one of video, text, voice and audio." },
  ],
  [
    /\.media$/,
    /required/,
    { reason: "The choice has no footage.", remedy: "Give it a source, or an image for a still." },
  ],
  [
    /\.sha256$/,
    /pattern/,
    {
      reason: "That is no SHA-256.",
      remedy: "Give the 64 hexadecimal digits, in lower case, that SourceService.PutSource answered.",
    },
  ],
  [
    /image\.background$/,
    /pattern/,
    { reason: "That is no colour.", remedy: 'Write it as "#rrggbb", or "#rrggbbaa" with opacity.' },
  ],
  [
    /transcode\.preset$/,
    /pattern|max_len/,
    { reason: "That can't be a preset's name.", remedy: "Choose one that `polyreel presets` lists." },
  ],
  [/background$/, /pattern/, { reason: "That is no colour.", remedy: 'Write it as "#rrggbb".' }],
  [
    /color$|\.highlight$/,
    /pattern/,
    { reason: "That is no colour.", remedy: 'Write it as "#rrggbb", or "#rrggbbaa" with opacity.' },
  ],
  [
    /\.(translations(\[.*\]|\..*)?|subtitles\.language|text\.choices\[\d+\]\.language)$/,
    /pattern/,
    { reason: "That is no language.", remedy: 'Write its tag, such as "de", "pt-BR" or "zh-Hant".' },
  ],
  [/\.over$/, /unique/, { reason: "The text lies over one block twice.", remedy: "Name each video block once." }],
  [
    /(folder|drive)\.path$|s3\.prefix$/,
    /pattern/,
    {
      reason: "That can't be a folder below the uploader's own, or the destination's.",
      remedy: 'Use letters, digits, ".", "_" and "-" in segments separated by "/"; none may begin with a dot.',
    },
  ],
  [
    /\.(folder|s3|drive)\.destination$/,
    /pattern|max_len/,
    {
      reason: "That can't be a destination's name.",
      remedy: "Name one that is configured: `polyreel destinations` lists them.",
    },
  ],
  [
    /^outputs\[\d+\]$/,
    /spelling/,
    {
      reason:
        "The output has fields of both spellings: name, to, as or an operation beside container, destination, poster or virtual.",
      remedy:
        "Keep one: a poster is an output {thumbnail: {at: 1s}}, contactSheet an output of its own, virtual a destination {virtual: {}}.",
    },
  ],
  [
    /^outputs$/,
    /max_items/,
    {
      reason: "The batch has more than 16 outputs.",
      remedy: "Make the others in a batch of its own: what is the same is used again.",
    },
  ],
  [
    /notify\[\d+\]$|^channel$/,
    /required/,
    { reason: "The receiver has no channel.", remedy: "Make it a webhook or an email; or none, to notify nobody." },
  ],
  [
    /webhook\.url$/,
    /pattern/,
    { reason: "That is no address of a webhook.", remedy: "Write it as in https://example.com/hook." },
  ],
  [
    /webhook\.secret$/,
    /pattern/,
    {
      reason: "That can't be a secret's name.",
      remedy: "Name a secret of POLYREEL_WEBHOOK_SECRETS; the secret itself stands only there.",
    },
  ],
  [
    /email\.to\[\d+\]$/,
    /pattern|max_len/,
    { reason: "That is no e-mail address.", remedy: "Write the address alone, as in ads@example.com." },
  ],
  [
    /email\.to$/,
    /max_items/,
    { reason: "The e-mail has more than 10 recipients.", remedy: "Use the address of a mailing list." },
  ],
  [
    /email\.on(\[\d+\])?$/,
    /in$|max_items/,
    {
      reason: "E-mails are sent at the end of a batch only.",
      remedy: "Write finished or failed; single deliveries are what webhooks are for.",
    },
  ],
  [
    /tenant$/,
    /pattern/,
    {
      reason: "That can't be a tenant's name.",
      remedy: 'Use lower-case letters, digits and "-", with none at the ends.',
    },
  ],
  [
    /^part$/,
    /required/,
    { reason: "The message is empty.", remedy: "Send the description first, then chunks of the file." },
  ],
];

function nameRule(): string {
  return 'Begin with a letter and go on with letters, digits, "_" and "-", up to 63 in all.';
}

/** The message for a violated rule. `path` as in "blocks[0].name"; `message` is the validator's, about the field. */
export function wordingOf(path: string, ruleId: string, message: string, field?: DescField): Wording {
  const known = WORDINGS.find(([paths, rules]) => paths.test(path) && rules.test(ruleId));
  if (known) return known[2];
  const name = path.split(".").at(-1) || "The value";
  return { reason: `${name} ${allowedValues(message.replace(/^(repeated )?value /, ""), field)}.`, remedy: "" };
}
