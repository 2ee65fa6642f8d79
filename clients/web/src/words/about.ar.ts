/** The Arabic words for what a patient says of himself, to the doctor alone. */
import { ltr } from "../arabic.ts";
import type { AboutWords } from "./about.fr.ts";

export const aboutAr: AboutWords = {
  places: {
    home: "المنزل",
    pharmacy: "الصيدلية",
    "care-home": "دار رعاية المسنين",
    work: "مكان العمل",
    other: "مكان آخر",
  },
  persons: {
    self: "لنفسي",
    child: "لطفلي",
    relative: "لأحد الأقارب",
  },
  title: "ما يقوله المريض",
  agreed: (time) => `المريض على علم وموافق (${ltr(time)})`,
  notAgreed: "لم تصل موافقة المريض: اطلبوها منه.",
  nothing: "لم يذكر المريض شيئًا بعد.",
  place: "المكان",
  person: "لمن",
  personIs: { self: "المريض نفسه", child: "طفله", relative: "أحد أقاربه" },
  phone: "معاودة الاتصال",
  whereabouts: "العنوان",
  call: (phone) => `الاتصال بالرقم ${ltr(phone)}`,
  copy: "نسخ",
  copyPhone: "نسخ الرقم",
  copyWhereabouts: "نسخ العنوان",
  copied: "تم النسخ.",
  notCopied: "تعذّر النسخ: حدّدوا النص بأنفسكم.",
};
