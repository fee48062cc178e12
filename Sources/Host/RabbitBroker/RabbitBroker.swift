// The RabbitBroker module.
