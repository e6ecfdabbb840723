// The band of stages on the time axis.
import { FONT, tip } from './charts.js';
import { duration } from './format.js';

/** What stages are called. */
export const WORDS = {
  PREPARE: 'Prepare',
  RESTORE: 'Restore',
  ACTIVATE: 'Activate',
  LIST: 'List tables',
  IMPORT: 'Import',
  FINISH: 'Finish',
};

function stageLabel({ name, also }) {
  return also === null ? WORDS[name] : `${WORDS[name]}, then ${WORDS[also]}`;
}

/** The band of stages. @param {object} model main.js has it @param {object} c colours */
export function stageSeries({ stages, clock }, c) {
  const data = stages
    .map((stage, i) => ({ stage, i }))
    .filter(({ stage }) => stage.from !== null && stage.until !== null)
    .map(({ stage, i }) => [stage.from, stage.until, i]);
  return {
    id: 'stages',
    type: 'custom',
    xAxisIndex: 0,
    yAxisIndex: 0,
    clip: true,
    data,
    encode: { x: [0, 1] },
    tooltip: {
      formatter: ({ value }) => {
        const stage = stages[value[2]];
        const lines = [['began', clock.time(stage.from, 3)]];
        if (stage.to !== null)
          lines.push(['ended', clock.time(stage.to, 3)], ['took', duration(stage.to - stage.from)]);
        else if (stage.running) lines.push(['', 'goes on']);
        else if (stage.also) lines.push(['', 'when it ended is not known']);
        return tip(stageLabel(stage), lines);
      },
    },
    renderItem: (params, api) => {
      const [x0] = api.coord([api.value(0), 0]);
      const [x1] = api.coord([api.value(1), 0]);
      const area = params.coordSys;
      const from = Math.max(x0, area.x);
      const to = Math.min(Math.max(x1, x0 + 2), area.x + area.width);
      if (to <= from) return null;
      const text = stageLabel(stages[api.value(2)]);
      return {
        type: 'group',
        children: [
          {
            type: 'rect',
            shape: { x: from, y: area.y, width: to - from, height: area.height, r: 3 },
            style: { fill: c.stages[api.value(2) % 2] },
          },
          to - from > text.length * 7 + 8
            ? {
                type: 'text',
                style: {
                  text,
                  x: (from + to) / 2,
                  y: area.y + area.height / 2,
                  textAlign: 'center',
                  textVerticalAlign: 'middle',
                  fill: c.onStage,
                  font: `600 12px ${FONT}`,
                },
                silent: true,
              }
            : { type: 'group' },
        ],
      };
    },
  };
}
