/** What `--rabbitmq` does, wherever it is offered. */
export const RABBITMQ_HELP =
  'use queues on RabbitMQ: that of ASYA_RABBITMQ_URL, or one that is started for the run'
