// Domain: ids, entities, states and arithmetic as pure values. It imports nothing, does no I/O and reads
// neither clock nor chance; both come in as parameters.
