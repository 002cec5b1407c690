import ProxyServerRuntime

ServerMain.run()
