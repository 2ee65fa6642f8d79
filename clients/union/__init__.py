"""The union's tool: keys, enrolment, credentials and revocation, on a machine of the union."""
