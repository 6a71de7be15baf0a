import { classifyByRules } from 'ai-composite';
import type { TaskName } from './task-names.ts';

type Keywords = Readonly<Record<Exclude<TaskName, 'fast'>, ReadonlyArray<string>>>;

/**
 * Rules as an application might write them in half an hour: the words that come to mind. They were written down once, before
 * anything was measured, and not changed after it.
 */
const english: Keywords = {
  code: `code function script bug error exception typescript javascript python java rust sql query regex api css html
    react docker git bash compile class variable array json debug refactor`.split(/\s+/),
  creative: [
    'poem',
    'story',
    'song',
    'lyrics',
    'slogan',
    'tagline',
    'joke',
    'haiku',
    'limerick',
    'speech',
    'toast',
    'caption',
    'blog post',
    'novel',
    'character',
    'fairy tale',
    'love letter',
    'names for',
    'imagine',
  ],
  analysis: [
    'compare',
    'analyze',
    'analyse',
    'analysis',
    'pros and cons',
    'should i',
    'should we',
    'prove',
    'evaluate',
    'advantages',
    'disadvantages',
    'trade-off',
    'arguments',
    'calculate',
    'strategy',
    'causes',
    'why',
    'conclude',
  ],
};

/** The same thought in the other languages of the prompts. */
const others: ReadonlyArray<Keywords> = [
  {
    code: [
      'programm',
      'funktion',
      'skript',
      'fehlermeldung',
      'datenbank',
      'abfrage',
      'quelltext',
      'variable',
    ],
    creative: [
      'gedicht',
      'geschichte',
      'lied',
      'spruch',
      'rede',
      'werbetext',
      'witz',
      'roman',
      'krimi',
      'märchen',
    ],
    analysis: [
      'vergleiche',
      'analysiere',
      'vor- und nachteile',
      'lohnt sich',
      'warum',
      'bewerte',
      'beweise',
      'berechne',
    ],
  },
  {
    code: ['programme', 'fonction', 'erreur', 'requête', 'base de données', 'variable', 'tableau', 'bogue'],
    creative: ['poème', 'histoire', 'chanson', 'slogan', 'discours', 'conte', 'roman', 'blague', 'imagine'],
    analysis: [
      'compare',
      'analyse',
      'avantages',
      'inconvénients',
      'pourquoi',
      'vaut-il mieux',
      'démontre',
      'évalue',
    ],
  },
  {
    code: ['programa', 'función', 'código', 'consulta', 'base de datos', 'variable', 'bucle', 'error'],
    creative: ['poema', 'cuento', 'canción', 'eslogan', 'discurso', 'chiste', 'novela', 'historia', 'letra'],
    analysis: ['compara', 'analiza', 'ventajas', 'desventajas', 'por qué', 'conviene', 'demuestra', 'evalúa'],
  },
  {
    code: ['代码', '函数', '脚本', '报错', '数据库', '正则', '程序', '接口'],
    creative: ['诗', '故事', '歌词', '广告语', '笑话', '小说', '童话', '演讲'],
    analysis: ['比较', '分析', '利弊', '为什么', '该不该', '证明', '评价', '计算'],
  },
  {
    code: ['コード', '関数', 'スクリプト', 'エラー', 'データベース', '正規表現', 'プログラム', 'バグ'],
    creative: ['詩', '物語', '俳句', '歌詞', 'キャッチコピー', '小説', 'お話', '冗談'],
    analysis: ['比較', '分析', 'メリット', 'デメリット', 'なぜ', 'べきか', '証明', '評価'],
  },
];

/** Keywords in English alone; what none is found in goes to the default task, `fast`. */
export const englishRules = rulesOf([english]);

/** Keywords in all six languages. */
export const allRules = rulesOf([english, ...others]);

function rulesOf(lists: ReadonlyArray<Keywords>) {
  const words = (task: keyof Keywords) => lists.flatMap(keywords => keywords[task]);
  return classifyByRules([
    { task: 'code', keywords: words('code') },
    { task: 'creative', keywords: words('creative') },
    { task: 'analysis', keywords: words('analysis') },
  ]);
}
