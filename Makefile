# Two commands are all it takes: `make run` to try it, `make test` to test it.
#   make run [PORT=8080] [LAN=1]   a union to try, with a doctor; LAN=1 for a real phone
#   make call [PATIENT=… DOCTOR=…]  two headless peers hold one consultation
#   make probe   have every path of a throwaway service probed, and print one table
#   make test [ONLY=tests/deploy]  all tests    make check   linters, types, arrows
#   make web   build the pages   make lock [UPGRADE=1]   pin versions   make clean
#   make shots, make weight   pictures of every screen; what the waiting room costs an old phone
#   make lighthouse   have Lighthouse judge the pages, as a phone and as a desktop show them
#   make attack   try to tell from the figures of use whether one consultation took place
#   make bench-relay, make chaos   measure the relay; let everything fail, with a thousand waiting

unexport PYTHONPATH PYTHONHOME
export PATIENT DOCTOR
prepare = @python3 deploy/bootstrap.py
flags = $(if $(LAN),--lan) $(if $(PORT),--port $(PORT))

.PHONY: run call probe test shots weight lighthouse bench-relay chaos attack check web lock clean

run:
	$(prepare) run
	@exec .venv/bin/teleconsult demo $(flags)

call:
	$(prepare) call
	@$(if $(PATIENT),printf '%s\n' "$$PATIENT" "$$DOCTOR" |) .venv/bin/teleconsult call $(if $(PATIENT),-)

probe:
	$(prepare) $@
	@.venv/bin/teleconsult probe --once

test:
	$(prepare) test
	.venv/bin/python -m pytest $(or $(ONLY),-n 2 --dist loadfile)
	$(if $(ONLY),,$(prepare) npm test)

shots weight:
	$(prepare) test && .venv/bin/python -m tests.pages.$@

lighthouse:
	$(prepare) $@ && .venv/bin/python -m tests.pages.$@

bench-relay:
	$(prepare) test && .venv/bin/python -m tests.bench.relay && .venv/bin/python -m tests.bench.first_frame

chaos:
	$(prepare) test && .venv/bin/python -m tests.chaos

attack:
	$(prepare) test && .venv/bin/python -m tests.signaling.attack

check:
	$(prepare) check
	.venv/bin/ruff check && .venv/bin/ruff format --check && .venv/bin/mypy
	$(prepare) npm run check
	.venv/bin/python -m pytest -q tests/house

web lock:
	$(prepare) $@ $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .venv .make clients/web/node_modules clients/web/dist tests/pages/judge/node_modules .*_cache .hypothesis *.egg-info
