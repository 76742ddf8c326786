import type { Rule } from "./pieces.js";

/** Currency codes by sign. */
const CURRENCIES: Readonly<Record<string, string>> = {
  ...{ US$: "USD", C$: "CAD", CA$: "CAD", A$: "AUD", AU$: "AUD", NZ$: "NZD", HK$: "HKD", S$: "SGD", R$: "BRL" },
  ...{ MX$: "MXN", NT$: "TWD", $: "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "₹": "INR", "₩": "KRW" },
  ...{ "₽": "RUB", "₺": "TRY", "₴": "UAH", "₪": "ILS", "₫": "VND", "₱": "PHP", "₦": "NGN", "฿": "THB", "₡": "CRC" },
  ...{ "₵": "GHS", "₸": "KZT", zł: "PLN", Kč: "CZK", USD: "USD", EUR: "EUR", GBP: "GBP", INR: "INR", JPY: "JPY" },
  ...{ CHF: "CHF", CAD: "CAD", AUD: "AUD", NZD: "NZD", SEK: "SEK", NOK: "NOK", DKK: "DKK", PLN: "PLN", CNY: "CNY" },
  ...{ KRW: "KRW", BRL: "BRL", MXN: "MXN", ZAR: "ZAR", SGD: "SGD", HKD: "HKD", CZK: "CZK", HUF: "HUF", AED: "AED" },
};

/** Common names, where Intl has "US dollars" and "Indian rupees": singular, plural, and those of hundredths. */
const ENGLISH: Readonly<Record<string, readonly [one: string, many: string, cent?: string, cents?: string]>> = {
  $: ["dollar", "dollars", "cent", "cents"],
  "€": ["euro", "euros", "cent", "cents"],
  EUR: ["euro", "euros", "cent", "cents"],
  "£": ["pound", "pounds", "penny", "pence"],
  "₹": ["rupee", "rupees", "paisa", "paise"],
  "¥": ["yen", "yen"],
  "￥": ["yen", "yen"],
  "₩": ["won", "won"],
  "₽": ["ruble", "rubles"],
  "₺": ["lira", "lira"],
  "₪": ["shekel", "shekels"],
  "₱": ["peso", "pesos"],
  "₦": ["naira", "naira"],
  "฿": ["baht", "baht"],
  "₫": ["dong", "dong"],
};

const MAGNITUDES: Readonly<Record<string, string>> = {
  ...{ k: "thousand", m: "million", mn: "million", mm: "million", b: "billion", bn: "billion", tn: "trillion" },
  ...{ thousand: "thousand", million: "million", billion: "billion", trillion: "trillion" },
};

const UNITS: Readonly<Record<string, string>> = {
  ...{ km: "kilometer", cm: "centimeter", mm: "millimeter", kg: "kilogram", lb: "pound", lbs: "pound", oz: "ounce" },
  ...{ ml: "milliliter", mL: "milliliter", L: "liter", ft: "foot", mi: "mile", mph: "mile-per-hour" },
  ...{ "km/h": "kilometer-per-hour", KB: "kilobyte", kB: "kilobyte", MB: "megabyte", GB: "gigabyte", TB: "terabyte" },
  ...{ min: "minute", hr: "hour", hrs: "hour", sec: "second", secs: "second" },
  ...{ "°C": "celsius", "°F": "fahrenheit", "℃": "celsius", "℉": "fahrenheit", "°": "degree", "%": "percent" },
};

const PER: Readonly<Record<string, string>> = {
  ...{ mo: "month", month: "month", yr: "year", year: "year", week: "week", wk: "week", day: "day", hr: "hour" },
  ...{ hour: "hour", h: "hour", min: "minute", kg: "kilogram", lb: "pound", person: "person", user: "user" },
  ...{ night: "night", seat: "seat", item: "item", piece: "piece" },
};

const escaped = (words: Readonly<Record<string, string>>): string =>
  Object.keys(words)
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"))
    .join("|");

/** A written number, with spaces only between groups of three digits. */
const NUMBER = "\\d{1,3}(?:[\\u00a0\\u202f]\\d{3})+(?:[.,]\\d+)?|\\d+(?:[.,'’]\\d+)*";
const SIGN = `(?<![\\p{L}$])(?:${escaped(CURRENCIES)})(?!\\p{L})`;
const MAGNITUDE = `(?:\\s?(?:thousand|million|billion|trillion|mn|bn|tn|[kKmMbB])(?![\\p{L}\\d]))`;

/** "$5", "₹ 500", "$1.5M", "$10–20", "$9/month". */
const SIGN_FIRST = new RegExp(
  `(?<sign>${SIGN})\\s?(?<number>${NUMBER})(?:\\s?[-–—]\\s?(?:\\k<sign>)?(?<to>${NUMBER}))?(?<magnitude>${MAGNITUDE})?` +
    `(?:\\s?/\\s?(?<per>${escaped(PER)})\\b)?`,
  "gu",
);
/** "5 €", "20 EUR", "500¢". */
const SIGN_LAST = new RegExp(
  `(?<![\\d.,])(?<number>${NUMBER})(?<magnitude>${MAGNITUDE})?[\\s\\u00a0\\u202f]?(?<sign>(?:${escaped(CURRENCIES)}|¢)(?![\\p{L}\\d]))` +
    `(?:\\s?/\\s?(?<per>${escaped(PER)})\\b)?`,
  "gu",
);
const UNIT = new RegExp(
  `(?<![\\p{L}\\d.,])(?:(?<from>${NUMBER})\\s?[-–—]\\s?)?(?<number>${NUMBER})[\\s\\u00a0\\u202f]?(?<unit>${escaped(UNITS)})(?<power>[²³]?)(?![\\p{L}\\d/])`,
  "gu",
);

/** Rules for amounts of money and units in the words of a language, from Intl. */
export function amountRules(voiceLanguage: string): Rule[] {
  const language = intlLanguage(voiceLanguage);
  if (language === undefined) return [];
  const english = language.startsWith("en");
  const money = ({ groups = {} }: RegExpExecArray): string | undefined => {
    const { sign = "", number = "", to, magnitude, per } = groups;
    if (!english) {
      // Intl does not combine ranges with currency names, and "/month" differs in every language.
      if (to !== undefined || magnitude !== undefined || per !== undefined || sign === "¢") return undefined;
      return named(language, number, { style: "currency", currency: CURRENCIES[sign], currencyDisplay: "name" });
    }
    const scale = magnitude ? MAGNITUDES[magnitude.trim().toLowerCase()] : undefined;
    const amount = englishMoney(sign, to ?? number, scale);
    return `${to === undefined ? "" : `${number} to `}${amount}${per ? ` per ${PER[per]}` : ""}`;
  };
  const unit = ({ groups = {} }: RegExpExecArray): string | undefined => {
    const { from, number = "", unit: sign = "", power } = groups;
    if (power || (from !== undefined && !english)) return undefined;
    const words = named(language, number, { style: "unit", unit: UNITS[sign], unitDisplay: "long" });
    return from === undefined ? words : `${from} to ${words}`;
  };
  return [
    { pattern: SIGN_FIRST, spoken: money },
    { pattern: SIGN_LAST, spoken: money },
    { pattern: UNIT, spoken: unit },
  ];
}

/** Engines use names that are not language tags ("en-US-nyc"), and languages that Intl does not support. */
function intlLanguage(language: string): string | undefined {
  for (const tag of [language, language.split("-")[0] ?? ""]) {
    try {
      return Intl.NumberFormat.supportedLocalesOf(tag)[0];
    } catch {} // Not a language tag.
  }
  return undefined;
}

function englishMoney(sign: string, number: string, scale: string | undefined): string {
  if (sign === "¢") return `${number} ${number === "1" ? "cent" : "cents"}`;
  const names = ENGLISH[sign];
  if (!names) {
    const name = named("en", number, { style: "currency", currency: CURRENCIES[sign], currencyDisplay: "name" });
    return scale ? name.replace(number, `${number} ${scale}`) : name;
  }
  const [one, many, cent, cents] = names;
  if (scale) return `${number} ${scale} ${many}`;
  const [, whole = number, hundredths] = /^(.*)\.(\d\d)$/.exec(number) ?? [];
  if (hundredths === undefined || cent === undefined) return `${number} ${number === "1" ? one : many}`;
  const small = `${Number(hundredths)} ${Number(hundredths) === 1 ? cent : cents}`;
  if (/^0*$/.test(whole)) return small;
  const large = `${whole} ${whole === "1" ? one : many}`;
  return Number(hundredths) === 0 ? large : `${large} and ${small}`;
}

/** The number as written, with the name of its currency or unit in a language. */
function named(language: string, number: string, options: Intl.NumberFormatOptions): string {
  const value = Number(
    number
      .replace(/[\s\u00a0\u202f'’]/g, "")
      .replace(/[.,](?=\d{3}(?:\D|$))/g, "")
      .replace(",", "."),
  );
  const parts = new Intl.NumberFormat(language, { ...options, maximumFractionDigits: 20, minimumFractionDigits: 0 })
    .formatToParts(Number.isFinite(value) ? value : 2)
    .map(({ type, value: text }) => (DIGITS.has(type) ? (type === "integer" ? NUMBER_MARK : "") : text))
    .join("");
  const words = parts.replace(new RegExp(`${NUMBER_MARK}+`), number).replaceAll("\u00a0", " ");
  return language.startsWith("ja") ? KANA.reduce((all, [kanji, kana]) => all.replace(kanji, kana), words) : words;
}

/** espeak-ng's Japanese does not read kanji. */
const KANA = [
  ["円", "えん"],
  ["米ドル", "ドル"],
  ["英国ポンド", "ポンド"],
  ["人民元", "げん"],
] as const;

const NUMBER_MARK = "\u0000";
const DIGITS = new Set(["integer", "group", "decimal", "fraction"]);
