"""What tests share: a real Redis, a closed network, the outside judges, and fakes of ports."""
