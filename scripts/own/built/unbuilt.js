console.error("This Headgate was built without its browser script: build it with make build.");
