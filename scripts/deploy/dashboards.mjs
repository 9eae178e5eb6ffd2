/** The dashboards, in short; `build-deploy.mjs` writes them out as Grafana wants them. */

/**
 * @typedef {{ legend?: string, expr: string }} Query
 * @typedef {{ title: string, says?: string, unit?: string, queries: readonly Query[] }} Panel
 * @typedef {{ file: string, uid: string, title: string, variables: readonly Variable[], panels: readonly Panel[] }} Dashboard
 * @typedef {{ name: string, label: string, metric: string, of: string }} Variable
 */

const queue = { name: 'queue', label: 'Queue', metric: 'asya_actor_active_messages', of: 'queue' }
const tool = { name: 'tool', label: 'Tool', metric: 'asya_gateway_jobs_ended_total', of: 'tool' }
const mine = 'queue=~"$queue"'

/** @param {number} share @param {string} metric @param {{ by: string, where: string }} grouped */
const quantile = (share, metric, { by, where }) =>
  `histogram_quantile(${share}, sum by (${by}, le) (rate(${metric}_bucket{${where}}[$__rate_interval])))`

/** @param {string} metric @param {string} by @param {string} where */
const rate = (metric, by, where) => `sum by (${by}) (rate(${metric}{${where}}[$__rate_interval]))`

/** @type {readonly Dashboard[]} */
export const DASHBOARDS = [
  {
    file: 'actors.json',
    uid: 'asya-actors',
    title: 'Asya / Actors',
    variables: [queue],
    panels: [
      {
        title: 'Queue depth',
        says: 'Messages that wait, and those in progress; by both an actor is scaled.',
        queries: [
          {
            expr: `max by (queue) (rabbitmq_detailed_queue_messages_ready{${mine}})`,
            legend: '{{queue}} waiting',
          },
          {
            expr: `max by (queue) (rabbitmq_detailed_queue_messages_unacked{${mine}})`,
            legend: '{{queue}} in progress',
          },
        ],
      },
      {
        title: 'Replicas',
        says: 'Sidecars that answer.',
        queries: [
          { expr: `count by (queue) (asya_actor_active_messages{${mine}})`, legend: '{{queue}}' },
        ],
      },
      {
        title: 'Messages a second',
        unit: 'ops',
        queries: [
          {
            expr: rate('asya_actor_messages_processed_total', 'queue, status', mine),
            legend: '{{queue}} {{status}}',
          },
        ],
      },
      {
        title: 'Messages in flight',
        queries: [
          { expr: `sum by (queue) (asya_actor_active_messages{${mine}})`, legend: '{{queue}}' },
        ],
      },
      {
        title: 'Time of the handler',
        unit: 's',
        queries: [0.5, 0.95, 0.99].map((share) => ({
          expr: quantile(share, 'asya_actor_runtime_execution_duration_seconds', {
            by: 'queue',
            where: mine,
          }),
          legend: `{{queue}} p${share * 100}`,
        })),
      },
      {
        title: 'Time of a message, from receipt to settled',
        unit: 's',
        queries: [0.5, 0.95].map((share) => ({
          expr: quantile(share, 'asya_actor_processing_duration_seconds', {
            by: 'queue',
            where: mine,
          }),
          legend: `{{queue}} p${share * 100}`,
        })),
      },
      {
        title: 'Sent to error-end',
        unit: 'ops',
        queries: [
          {
            expr: rate('asya_actor_messages_failed_total', 'queue, reason', mine),
            legend: '{{queue}} {{reason}}',
          },
        ],
      },
      {
        title: 'Failed attempts',
        unit: 'ops',
        queries: [
          {
            expr: rate('asya_actor_runtime_errors_total', 'queue, error_type', mine),
            legend: '{{queue}} {{error_type}}',
          },
        ],
      },
      {
        title: 'Publishing, until it is confirmed',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, 'asya_actor_queue_send_duration_seconds', {
              by: 'queue',
              where: mine,
            }),
            legend: '{{queue}} p95',
          },
        ],
      },
      {
        title: 'Size of messages',
        unit: 'bytes',
        queries: [
          {
            expr: quantile(0.95, 'asya_actor_message_size_bytes', {
              by: 'queue, direction',
              where: mine,
            }),
            legend: '{{queue}} {{direction}} p95',
          },
        ],
      },
    ],
  },
  {
    file: 'gateway.json',
    uid: 'asya-gateway',
    title: 'Asya / Gateway',
    variables: [tool],
    panels: [
      {
        title: 'Open jobs',
        says: 'All gateways count the same jobs.',
        queries: [
          {
            expr: 'max by (tool, state) (sum by (tool, state, instance) (asya_gateway_open_jobs{tool=~"$tool"}))',
            legend: '{{tool}} {{state}}',
          },
        ],
      },
      {
        title: 'Jobs that end, a second',
        unit: 'ops',
        queries: [
          {
            expr: rate('asya_gateway_jobs_ended_total', 'tool, state', 'tool=~"$tool"'),
            legend: '{{tool}} {{state}}',
          },
        ],
      },
      {
        title: 'From the call to the end of a job',
        unit: 's',
        queries: [0.5, 0.95].map((share) => ({
          expr: quantile(share, 'asya_gateway_job_duration_seconds', {
            by: 'tool',
            where: 'tool=~"$tool"',
          }),
          legend: `{{tool}} p${share * 100}`,
        })),
      },
      {
        title: 'Requests a second',
        unit: 'reqps',
        queries: [
          {
            expr: rate('asya_gateway_request_duration_seconds_count', 'path, status', ''),
            legend: '{{path}} {{status}}',
          },
        ],
      },
      {
        title: 'Time of a request',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, 'asya_gateway_request_duration_seconds', {
              by: 'path',
              where: '',
            }),
            legend: '{{path}} p95',
          },
        ],
      },
      {
        title: 'First messages that are not with the broker',
        queries: [{ expr: 'max(asya_gateway_unsent_messages)', legend: 'unsent' }],
      },
      {
        title: 'Jobs that nobody reports on',
        queries: [
          {
            expr: 'max by (tool) (sum by (tool, instance) (asya_gateway_open_jobs{stalled="true"}))',
            legend: '{{tool}}',
          },
        ],
      },
      {
        title: 'Open streams',
        queries: [{ expr: 'sum by (pod) (asya_gateway_streams)', legend: '{{pod}}' }],
      },
    ],
  },
  {
    file: 'operator.json',
    uid: 'asya-operator',
    title: 'Asya / Operator',
    variables: [],
    panels: [
      {
        title: 'Actors',
        queries: [
          {
            expr: 'max by (ready, reason) (asya_operator_actors)',
            legend: '{{ready}} {{reason}}',
          },
        ],
      },
      {
        title: 'Leader',
        queries: [{ expr: 'asya_operator_is_leader', legend: '{{pod}}' }],
      },
      {
        title: 'Reconciles a second',
        unit: 'ops',
        queries: [
          {
            expr: rate('asya_operator_reconcile_duration_seconds_count', 'result', ''),
            legend: '{{result}}',
          },
        ],
      },
      {
        title: 'Time of a reconcile',
        unit: 's',
        queries: [0.5, 0.95].map((share) => ({
          expr: quantile(share, 'asya_operator_reconcile_duration_seconds', {
            by: 'result',
            where: '',
          }),
          legend: `{{result}} p${share * 100}`,
        })),
      },
      {
        title: 'Writes a second',
        says: 'None in a steady state.',
        unit: 'ops',
        queries: [
          {
            expr: rate('asya_operator_writes_total', 'kind, verb', ''),
            legend: '{{kind}} {{verb}}',
          },
        ],
      },
      {
        title: 'Watches that were begun again, a second',
        unit: 'ops',
        queries: [
          {
            expr: rate('asya_operator_watch_restarts_total', 'kind, reason', ''),
            legend: '{{kind}} {{reason}}',
          },
        ],
      },
      {
        title: 'Actors that wait to be reconciled',
        queries: [{ expr: 'max(asya_operator_queue_depth)', legend: 'waiting' }],
      },
      {
        title: 'Queues that KEDA could not count, a second',
        unit: 'ops',
        queries: [
          {
            expr: rate('keda_scaled_object_errors_total', 'namespace, scaledObject', ''),
            legend: '{{namespace}}/{{scaledObject}}',
          },
        ],
      },
    ],
  },
]

const datasource = { type: 'prometheus', uid: '${datasource}' }

/** A dashboard as Grafana reads it: two panels in a row. @param {Dashboard} dashboard */
export function writeDashboard({ uid, title, variables, panels }) {
  return {
    uid,
    title,
    tags: ['asya'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
        ...variables.map(({ name, label, metric, of }) => ({
          name,
          label,
          type: 'query',
          datasource,
          query: { query: `label_values(${metric}, ${of})`, refId: name },
          includeAll: true,
          multi: true,
          current: { text: 'All', value: '$__all' },
          refresh: 2,
          sort: 1,
        })),
      ],
    },
    panels: panels.map(({ title, says, unit = 'short', queries }, index) => ({
      id: index + 1,
      type: 'timeseries',
      title,
      ...(says !== undefined && { description: says }),
      datasource,
      gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
      fieldConfig: {
        defaults: { unit, min: 0, custom: { lineWidth: 1, fillOpacity: 10 } },
        overrides: [],
      },
      options: {
        legend: { displayMode: 'list', placement: 'bottom' },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
      targets: queries.map(({ expr, legend }, at) => ({
        refId: String.fromCharCode(65 + at),
        expr,
        legendFormat: legend,
      })),
    })),
  }
}
