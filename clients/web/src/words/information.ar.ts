import type { InformationWords } from "./information.fr.ts";

/** Words of the line at the foot of each screen, in Arabic. The pages themselves are in French. */
export const informationAr: InformationWords = {
  label: "معلومات عن الخدمة",
  privacy: "السرّية (بالفرنسية)",
  legal: "البيانات القانونية (بالفرنسية)",
  how: "كيف تعمل الخدمة (بالفرنسية)",
  accessibility: {
    none: "إتاحة الوصول: غير مطابقة (بالفرنسية)",
    partial: "إتاحة الوصول: مطابقة جزئياً (بالفرنسية)",
  },
  write: "مراسلة الفريق",
  newTab: "(في علامة تبويب جديدة)",
  path: "/",
};
