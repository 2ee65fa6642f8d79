/** The Arabic words of the doctor's board: the keys of `board.fr.ts`. */
import { counted, ltr } from "../arabic.ts";
import type { BoardWords } from "./board.fr.ts";

export const boardAr: BoardWords = {
  duty: "مناوبتكم",
  after: "بعد هذه الاستشارة",
  wishes: { on: "في المناوبة", pause: "استراحة", draining: "آخر مريض" },
  now: {
    on: "أنتم ضمن الأطباء المناوبين.",
    pause: "لم تعودوا ضمن الأطباء المناوبين. لا يُرسَل إليكم أحد.",
    draining: "تستقبلون مريضًا واحدًا بعد، ثم تنتهي مناوبتكم.",
  },
  later: {
    on: "ستعودون إلى قائمة الانتظار.",
    pause: "ستكونون في استراحة: لن يُرسَل إليكم أحد قبل عودتكم.",
    draining: "ستنتهي مناوبتكم. يُعلَم بذلك من ينتظرون.",
  },
  pausedTitle: "أنتم في استراحة",
  resume: "استئناف المناوبة",
  queues: "قوائم الانتظار التي تستقبلونها",
  own: "روابطكم",
  from: "القائمة",
  count: (count, isAll) => (isAll ? String(count) : `${count} أو أكثر`),
  pick: "اتصال",
  ownWaits: (count) =>
    count > 1
      ? counted(count, {
          zero: "",
          one: "",
          two: "مريضان جاءا عبر روابطكم ينتظرانكم.",
          few: `${count} مرضى جاؤوا عبر روابطكم ينتظرونكم.`,
          many: `${count} مريضًا جاؤوا عبر روابطكم ينتظرونكم.`,
          other: `${count} مريض جاؤوا عبر روابطكم ينتظرونكم.`,
        })
      : "مريض جاء عبر أحد روابطكم ينتظركم.",
  firstWaits: "وصل مريض إلى قائمة الانتظار، وكانت خالية.",
  badge: (count) =>
    counted(count, {
      zero: "لا مريض ينتظر",
      one: "مريض واحد ينتظر",
      two: "مريضان ينتظران",
      few: `${count} مرضى ينتظرون`,
      many: `${count} مريضًا ينتظرون`,
      other: `${count} مريض ينتظرون`,
    }),
  arrived: "مريض ينتظر",
  loud: "صوت عند وصول مريض",
  notes: "تنبيهي أيضًا عندما تكون هذه الصفحة مخفية",
  notesOn: "ينبّهكم هذا الجهاز عندما تكون هذه الصفحة مخفية.",
  shortcut: `بلوحة المفاتيح: ${ltr("Ctrl + Enter")}.`,
  replacedTitle: "مفتوحة في نافذة أخرى",
  replacedText:
    "فُتحت صفحة الطبيب الخاصة بكم في نافذة أخرى أو على جهاز آخر. وهي مستمرة هناك، مع مناوبتكم واستشارتكم؛ أما هذه الصفحة فلم تعد تفعل شيئًا.",
  take: "الاستئناف هنا",
};
